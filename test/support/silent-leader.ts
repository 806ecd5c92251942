import type { KafkaClient } from '@app/kafka';
import { waitFor } from '@app/testing';
import { AssignerProtocol } from 'kafkajs';

export interface SilentLeader {
  /** Says that nobody gets anything, and leaves: the others then share everything among themselves. */
  leave(): Promise<void>;
}

/**
 * Leads a consumer group, and doesn't say who gets what: nobody gets through their joining, for as
 * long as that is so. Nobody else may be in the group yet.
 *
 * @param groupId without the prefix
 * @param topic without the prefix
 */
export async function leadInSilence(
  kafka: KafkaClient,
  groupId: string,
  topic: string,
): Promise<SilentLeader> {
  let isAsked = false;
  let sayAtLast = (): void => undefined;
  const silence = new Promise<[]>((resolve) => (sayAtLast = () => resolve([])));
  const name = 'RoundRobinAssigner';
  const leader = kafka.kafka.consumer({
    groupId: kafka.groupName(groupId),
    maxWaitTimeInMs: 100,
    sessionTimeout: 60_000,
    rebalanceTimeout: 60_000,
    partitionAssigners: [
      () => ({
        name,
        version: 1,
        assign: () => {
          isAsked = true;
          return silence;
        },
        protocol: ({ topics }) => ({
          name,
          metadata: AssignerProtocol.MemberMetadata.encode({
            version: 1,
            topics,
            userData: Buffer.alloc(0),
          }),
        }),
      }),
    ],
  });
  await untilLoaded(kafka, groupId, topic);
  await leader.connect();
  await leader.subscribe({ topics: [kafka.topicName(topic)] });
  const leading = leader.run({ eachMessage: () => Promise.resolve() });
  await waitFor(() => isAsked, { what: `the lead of ${groupId}` });
  return {
    leave: async () => {
      sayAtLast();
      await leading;
      await leader.disconnect();
    },
  };
}

/**
 * Until the broker has loaded what it knows of a group. Before, it refuses a member, and kafkajs begins anew: by
 * then `run` is over, so that whoever disconnects leaves nothing, and the others wait for members that are gone.
 */
async function untilLoaded(kafka: KafkaClient, groupId: string, topic: string): Promise<void> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  const asked = { groupId: kafka.groupName(groupId), topics: [kafka.topicName(topic)] };
  await waitFor(() => admin.fetchOffsets(asked), { what: `the group ${groupId} at its broker` });
  await admin.disconnect();
}
