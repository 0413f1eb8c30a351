import type { Problem } from '../../domain/problem.ts';

/** Secrets that all nodes of a deployment share, as texts: wrapped where there is a master key. */
export interface DeploymentKeyStore {
  /** The key of this purpose; `key` becomes it when there is none. */
  firstOr(purpose: string, key: string): Promise<string | Problem>;
  /** `key` takes the place of `former`, unless another node was faster; answers what counts now. */
  replace(purpose: string, former: string, key: string): Promise<string | Problem>;
}
