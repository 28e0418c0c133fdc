import type { Alert, BlockVerdict } from '../types.js';
import type { Enforcement } from './options.js';
import type { Report } from './report.js';

type Fields = Pick<
  Alert,
  'kernel_wipe_applied' | 'block_mode_wanted' | 'block_mode_achieved' | 'block_restraint' | 'bytes_left'
>;

/**
 * What became of the matches that an alert reports.
 *
 *   earlier writes ──┤◀──────────── the write that the verdict is about ────────────▶│
 *        ▐ match 1 ████████▌             ▐ match 2 ▌
 *         └ left ─┘└ stopped ┘            └ stopped ┘
 *
 * Denying and killing stop all of the write, redacting only what the kernel itself looks for.
 */
export function enforcedFields(report: Report, enforcement: Enforcement, verdict: BlockVerdict | undefined): Fields {
  if (report.action !== 'block' || !enforcement.bpfBlockingEnabled) return { kernel_wipe_applied: false };
  const { policy } = report;
  const done = verdict?.achieved ?? 'observe';
  const stopped = new Set(
    report.rules
      .filter((rule) => done === 'deny' || done === 'kill' || (done === 'redact' && policy.fitsKernel(rule)))
      .map((rule) => policy.rules[rule]!.id),
  );
  const achieved = stopped.size > 0 ? done : 'observe';
  let left = 0;
  let counted = 0;
  const findings = report.findings.filter(({ action }) => action === 'block').sort((a, b) => a.start - b.start);
  for (const { ruleId, start, end } of findings) {
    const to = stopped.has(ruleId) ? Math.min(end, verdict!.writeOffset) : end;
    left += Math.max(to - Math.max(start, counted), 0);
    counted = Math.max(counted, to);
  }
  return {
    kernel_wipe_applied: achieved !== 'observe',
    block_mode_wanted: verdict?.wanted ?? enforcement.mode,
    block_mode_achieved: achieved,
    ...(verdict !== undefined && verdict.restraint !== 'none' && { block_restraint: verdict.restraint }),
    bytes_left: left,
  };
}
