import { Access1795564800001 } from './1795564800001-access';
import { Registry1795564800002 } from './1795564800002-registry';
import { Vault1795564800003 } from './1795564800003-vault';
import { Publishing1795564800004 } from './1795564800004-publishing';
import { Insights1795564800005 } from './1795564800005-insights';
import { ReadModel1795564800006 } from './1795564800006-read-model';
import { Effects1795564800007 } from './1795564800007-effects';
import { Runtime1795564800008 } from './1795564800008-runtime';
import { Writers1795564800009 } from './1795564800009-writers';
import { Fence1795564800010 } from './1795564800010-fence';
import { Audit1795564800011 } from './1795564800011-audit';
import { Logins1795564800012 } from './1795564800012-logins';

/** Every migration, oldest first: one for each schema of the first release, the fence around what others write, and who may do what. */
export const migrations = [
  Access1795564800001,
  Registry1795564800002,
  Vault1795564800003,
  Publishing1795564800004,
  Insights1795564800005,
  ReadModel1795564800006,
  Effects1795564800007,
  Runtime1795564800008,
  Writers1795564800009,
  Fence1795564800010,
  Audit1795564800011,
  Logins1795564800012,
];
