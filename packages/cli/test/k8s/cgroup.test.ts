import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCgroup } from '../../src/k8s/cgroup.js';

const U = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
const U_ = U.replaceAll('-', '_');
const C = 'c'.repeat(64);
const HASH = '0123456789abcdef0123456789abcdef';

describe('parseCgroup', () => {
  it.each<[what: string, text: string, podUid: string | undefined, containerId: string | undefined]>([
    [
      'v2, systemd, containerd',
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${U_}.slice/cri-containerd-${C}.scope`,
      U,
      C,
    ],
    ['v2, systemd, guaranteed', `0::/kubepods.slice/kubepods-pod${U_}.slice/cri-containerd-${C}.scope`, U, C],
    [
      'v2, systemd, cri-o',
      `0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${U_}.slice/crio-${C}.scope`,
      U,
      C,
    ],
    [
      'v2, systemd, cri-o with a nested group',
      `0::/kubepods.slice/kubepods-pod${U_}.slice/crio-${C}.scope/container`,
      U,
      C,
    ],
    ['v2, systemd, docker', `0::/kubepods.slice/kubepods-pod${U_}.slice/docker-${C}.scope`, U, C],
    ['v2, cgroupfs', `0::/kubepods/burstable/pod${U}/${C}`, U, C],
    ['v2, cgroupfs, guaranteed', `0::/kubepods/pod${U}/${C}`, U, C],
    ['v2, another cgroup namespace', `0::/../../kubepods-besteffort-pod${U_}.slice/cri-containerd-${C}.scope`, U, C],
    ['v2, relative within the same pod', `0::/../cri-containerd-${C}.scope`, undefined, C],
    [
      'v1, cgroupfs',
      `12:pids:/kubepods/burstable/pod${U}/${C}\n11:memory:/kubepods/burstable/pod${U}/${C}\n1:name=systemd:/x`,
      U,
      C,
    ],
    ['v1, only some hierarchies', `12:rdma:/\n11:memory:/kubepods/pod${U}/${C}\n0::/`, U, C],
    ['v1, systemd, docker', `4:cpu,cpuacct:/kubepods.slice/kubepods-pod${U_}.slice/docker-${C}.scope`, U, C],
    [
      'containerd, mixed drivers',
      `0::/system.slice/containerd.service/kubepods-burstable-pod${U_}.slice:cri-containerd:${C}`,
      U,
      C,
    ],
    ['a node that is itself a container', `0::/docker/${'a'.repeat(64)}/kubelet/kubepods/burstable/pod${U}/${C}`, U, C],
    [
      'kind',
      `0::/system.slice/docker-${'a'.repeat(64)}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${U_}.slice/cri-containerd-${C}.scope`,
      U,
      C,
    ],
    ['static pod', `0::/kubepods/burstable/pod${HASH}/${C}`, HASH, C],
    ['pod without a container', `0::/kubepods/burstable/pod${U}`, U, undefined],
    ['docker without Kubernetes', `0::/system.slice/docker-${C}.scope`, undefined, C],
  ])('%s', (_what, text, podUid, containerId) => {
    expect(parseCgroup(`${text}\n`)).toEqual({ podUid, containerId });
  });

  it.each([
    '',
    '0::/',
    '0::/user.slice/user-1000.slice/session-3.scope\n',
    '0::/podman/tripod-shop\n',
    `0::/kubepods/podX${U}/short\n`,
    `0::/kubepods/pod${U}0/abc\n`,
    'garbage',
  ])('%j is in no pod', (text) => {
    expect(parseCgroup(text)).toBeUndefined();
  });

  it('answers anything without throwing, and only with well-formed names', () => {
    const piece = fc.constantFrom('0::', '/', 'pod', U, U_, C, '.slice', '-', ':', '\n', 'kubepods');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 20 }), (pieces) => {
        const found = parseCgroup(pieces.join(''));
        if (found?.podUid !== undefined) expect(found.podUid).toMatch(/^[0-9a-f-]{32,36}$/);
        if (found?.containerId !== undefined) expect(found.containerId).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });
});
