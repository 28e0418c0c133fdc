/** The part of a Pod object that is used. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export interface PodObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  /** `containerd://<id>`, `cri-o://<id>`, `docker://<id>`. */
  readonly containerID?: string;
}

/** Fields that an alert gets. */
export interface PodFields {
  readonly k8s_namespace: string;
  readonly k8s_pod: string;
  readonly k8s_pod_uid: string;
}

/** Kubelet runs 110 pods a node by default, a few thousand at the very most. */
const MAX_PODS = 5_000;
const MAX_CONTAINERS_PER_POD = 64;

/** The pods of this node, by UID and by container. Bounded: pods beyond the limit are counted and not known. */
export class PodTable {
  overflow = 0;
  private readonly pods = new Map<string, { fields: PodFields; keys: readonly string[] }>();
  private readonly byKey = new Map<string, PodFields>();

  get size(): number {
    return this.pods.size;
  }

  /** @param id pod UID, configuration hash of a static pod, or container ID */
  find(id: string): PodFields | undefined {
    return this.byKey.get(id);
  }

  set(pod: PodObject): void {
    const { uid, name, namespace, annotations } = pod.metadata ?? {};
    if (!uid || !name || !namespace) return;
    this.delete(uid);
    if (this.pods.size >= MAX_PODS) {
      this.overflow++;
      return;
    }
    const fields: PodFields = { k8s_namespace: namespace, k8s_pod: name, k8s_pod_uid: uid };
    // The kubelet names the cgroup of a static pod after this hash, not after the UID of its mirror in the API.
    const hash = annotations?.['kubernetes.io/config.hash'];
    const keys = [uid, ...(hash ? [hash] : []), ...containerIds(pod)];
    this.pods.set(uid, { fields, keys });
    for (const key of keys) this.byKey.set(key, fields);
  }

  delete(uid: string): void {
    for (const key of this.pods.get(uid)?.keys ?? []) this.byKey.delete(key);
    this.pods.delete(uid);
  }

  /** Makes the table hold exactly `pods`. */
  replace(pods: readonly PodObject[]): void {
    this.pods.clear();
    this.byKey.clear();
    for (const pod of pods) this.set(pod);
  }
}

function containerIds({ status }: PodObject): string[] {
  const all = [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses];
  return all
    .flatMap((statuses) => statuses ?? [])
    .flatMap(({ containerID }) => containerID?.split('://')[1] ?? [])
    .slice(0, MAX_CONTAINERS_PER_POD);
}
