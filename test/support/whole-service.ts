import { randomUUID } from 'node:crypto';
import type { AccountToConnect } from '@app/commands';
import type { ChannelRow, Receipt } from '@app/domain';
import { disconnectionStream } from '@app/event-store';
import type { Member, Members, RoleProcess, TestBed } from '@app/testing';
import { anAccount, RestClient, waitFor } from '@app/testing';
import { InternalService } from './internal-service';
import { untilThere } from './until-there';

type Id = Pick<ChannelRow, 'id'>;
export type SignedReceipt = Receipt & { readonly signature: string };

const roles = ['api', 'internal', 'projector', 'relay', 'subscribers'] as const;

/** Every role as a process of its own, and who calls them: an owner, and a service that connects. */
export class WholeService {
  /** What single roles get beside what all get, from when they are started. */
  readonly only = new Map<RoleProcess['role'], NodeJS.ProcessEnv>();
  private readonly running = new Map<RoleProcess['role'], RoleProcess>();

  private constructor(
    private readonly bed: TestBed,
    private readonly owner: Member,
    private readonly credential: string,
    /** Of roles that are started from now on. */
    public env: NodeJS.ProcessEnv,
  ) {}

  static async of(bed: TestBed, members: Members, env: NodeJS.ProcessEnv): Promise<WholeService> {
    const credential = await members.mintService(['connect', 'lease']);
    return new WholeService(bed, await members.admit(), credential, env);
  }

  get api(): RestClient {
    return new RestClient(this.role('api').url, this.owner.key);
  }

  get internal(): InternalService {
    return new InternalService(this.role('internal').url, this.credential);
  }

  /** As it was started last. */
  role(name: RoleProcess['role']): RoleProcess {
    return this.running.get(name)!;
  }

  /** Those that are named, or all. */
  async start(...named: RoleProcess['role'][]): Promise<void> {
    const starting = (named.length > 0 ? named : roles).map(async (role) =>
      this.running.set(
        role,
        await this.bed.startRole(role, { ...this.env, ...this.only.get(role) }),
      ),
    );
    await Promise.all(starting);
  }

  /** Those that are named, or all. */
  async stop(...named: RoleProcess['role'][]): Promise<void> {
    const stopping = named.length > 0 ? named : roles;
    const ended = await Promise.all(stopping.map((role) => this.role(role).stop()));
    expect(ended).toEqual(stopping.map(() => ({ code: 0, signal: null })));
  }

  anAccount(): AccountToConnect {
    const { workspaceId, userId: actor } = this.owner;
    return anAccount({ workspaceId, actor });
  }

  async connect(account = this.anAccount()): Promise<ChannelRow> {
    const key = randomUUID();
    const { status, body } = await untilThere(() => this.internal.connect(account, key));
    expect(status).toBe(201);
    return body;
  }

  async disconnect(channel: Id): Promise<void> {
    const { status } = await untilThere(() => this.api.delete(pathOf(channel)));
    expect(status).toBe(200);
  }

  /** As the owner sees it. */
  async row(channel: Id): Promise<ChannelRow> {
    return (await this.api.get<ChannelRow>(pathOf(channel))).body;
  }

  completed(channel: Id): Promise<SignedReceipt> {
    return waitFor(
      async () => {
        const path = `${pathOf(channel)}/disconnection`;
        const { body } = await this.api.get<SignedReceipt>(path);
        return body.status === 'COMPLETED' && body;
      },
      { what: `the completed receipt of ${channel.id}` },
    );
  }

  /** How often each effect is recorded in the stream of a disconnection. */
  async outcomesOf({ id }: Id): Promise<Record<string, number>> {
    const outcomes: Record<string, number> = {};
    const events = await this.bed.eventStore();
    for (const { event } of await events.read(disconnectionStream(id))) {
      if (event.type !== 'EffectFinished') continue;
      outcomes[event.data.effect] = (outcomes[event.data.effect] ?? 0) + 1;
    }
    return outcomes;
  }
}

function pathOf({ id }: Id): string {
  return `/api/v1/social-accounts/${id}`;
}
