/**
 * What the handlers need of the rest of the gate, a narrow interface for each resource, in services/. main/ passes the real things;
 * tests pass small ones. A handler file takes the ones it names and no other.
 *
 * A refusal comes back as a Denial; a failure is thrown. Who calls a method that changes something has already been
 * checked for the route's permission; whether *this* request, grant or user may be touched is the service's to say.
 * Unless a method says otherwise, what it does is in the log, durable, when it resolves.
 */
import type { Authenticated } from "../identity/model.ts";
import type { TargetName } from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";
import type { Role } from "../policy/role.ts";
import type { GrantService, HoldService, MatrixService, RequestService, WhyService } from "./services/access.ts";
import type { BackupService, ConfigService, GateFacts, HealthService, LockService } from "./services/gate.ts";
import type { FactorService, LoginService, ProviderService } from "./services/logins.ts";
import type { GroupDirectory, KeyService, TokenService, UserService } from "./services/people.ts";
import type { AuditService, LogProofs, PublishedLog, StatisticsService } from "./services/record.ts";
import type { FileService, RecordingService, SessionService, TerminalService } from "./services/sessions.ts";
import type { AuthorityService, ColumnService, HostService, TargetService } from "./services/targets.ts";

export interface Services {
  readonly login: LoginService;
  readonly providers: ProviderService;
  readonly users: UserService;
  readonly factors: FactorService;
  readonly directory: GroupDirectory;
  readonly keys: KeyService;
  readonly tokens: TokenService;
  readonly targets: TargetService;
  readonly hosts: HostService;
  readonly holds: HoldService;
  readonly columns: ColumnService;
  readonly authorities: AuthorityService;
  readonly access: RequestService & GrantService;
  readonly sessions: SessionService;
  readonly recordings: RecordingService;
  readonly terminals: TerminalService;
  readonly files: FileService;
  readonly audit: AuditService;
  readonly published: PublishedLog;
  readonly proofs: LogProofs;
  readonly locks: LockService;
  readonly config: ConfigService;
  readonly why: WhyService;
  readonly matrix: MatrixService;
  readonly statistics: StatisticsService;
  readonly backup: BackupService;
  readonly health: HealthService;
  readonly gate: GateFacts;
  /** What opening a session on a target under a role would be refused for, of this login as it is now. */
  readonly unproven: (by: Authenticated, role: Role, target: TargetName) => Denial | undefined;
}
