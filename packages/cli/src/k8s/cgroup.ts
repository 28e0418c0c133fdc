/** What the path of a control group says about the pod that a process belongs to. */
export interface PodCgroup {
  /** With dashes; for a static pod the 32 hex digits of its configuration hash. */
  readonly podUid: string | undefined;
  readonly containerId: string | undefined;
}

/**
 * The forms in the wild (`U` pod UID, `C` container ID of 64 hex digits):
 *
 *   cgroupfs driver   /kubepods/burstable/podU/C
 *   systemd driver    /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_.slice/cri-containerd-C.scope
 *                     … /crio-C.scope   … /docker-C.scope   (U_: dashes written as underscores)
 *   containerd, mixed /system.slice/containerd.service/kubepods-burstable-podU_.slice:cri-containerd:C
 *   node in a container, and relative paths seen from another cgroup namespace: anything before the parts above
 *
 * With cgroup v1 there is one line per hierarchy, `5:memory:/path`; with v2 a single `0::/path`. The innermost pod and
 * the innermost container win, since a node may itself be a container.
 */
const POD =
  /(?:^|[-/])pod([0-9a-f]{8}([-_])[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{12}|[0-9a-f]{32})(?=[./:]|$)/g;
const CONTAINER = /(?:^|[-/:])([0-9a-f]{64})(?=[./:]|$)/g;

/** Reads the contents of `/proc/PID/cgroup`. `undefined`: the process is in no pod. */
export function parseCgroup(text: string): PodCgroup | undefined {
  for (const line of text.split('\n')) {
    const path = /^\d+:[^:]*:(.*)$/.exec(line)?.[1];
    if (path === undefined) continue;
    const podUid = lastOf(POD, path)?.replaceAll('_', '-');
    const containerId = lastOf(CONTAINER, path);
    if (podUid !== undefined || containerId !== undefined) return { podUid, containerId };
  }
  return undefined;
}

function lastOf(pattern: RegExp, text: string): string | undefined {
  let last: string | undefined;
  for (const match of text.matchAll(pattern)) last = match[1];
  return last;
}
