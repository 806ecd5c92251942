import { randomUUID } from 'node:crypto';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { UUID } from '@eventstore/db-client/generated/shared_pb';

const instanceId = randomUUID();

/**
 * The answer of `Gossip.Read`, by which a client with several hosts or `esdb+discover` finds the
 * leader: one node, which leads.
 */
export function clusterOfOne(address: string, port: number): ClusterInfo {
  return new ClusterInfo().setMembersList([
    new MemberInfo()
      .setInstanceId(new UUID().setString(instanceId))
      .setState(MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new EndPoint().setAddress(address).setPort(port)),
  ]);
}
