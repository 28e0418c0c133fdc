import type { Log } from '../log/log.js';
import { PodApi } from './api.js';
import { PodEnricher } from './enricher.js';
import { type PodFields, PodTable } from './pods.js';
import { type BackOff, PodWatcher } from './watcher.js';

export interface K8sOptions {
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
  readonly procRoot: string;
  readonly log: Log;
  /** Directory with `token` and `ca.crt`. */
  readonly serviceAccount?: string | undefined;
  readonly backOff?: BackOff | undefined;
}

/** `-k8s-enrich`: names the pod that an alert comes from. */
export interface K8s {
  fieldsOf(pid: number): PodFields | Record<string, never>;
  readonly counters: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** @throws CliError code `KUBERNETES` */
export async function startK8s({ node, env, procRoot, log, serviceAccount, backOff }: K8sOptions): Promise<K8s> {
  const api = await PodApi.inCluster(env, node, serviceAccount);
  const table = new PodTable();
  const watcher = new PodWatcher(api, table, log, backOff);
  const enricher = new PodEnricher(table, procRoot);
  watcher.start();
  return {
    fieldsOf: (pid) => enricher.fieldsOf(pid),
    get counters() {
      return { ...watcher.counters, ...enricher.counters, pods_overflow: table.overflow };
    },
    stop: () => watcher.stop(),
  };
}
