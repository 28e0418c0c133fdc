import type { Report } from './protocol.js';

/** Columns padded to their widest cell, the first row above a rule. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}

/** One row for each check, one column for each kernel; `–` where it did not run. */
export function checkTable(reports: readonly Report[]): string {
  const names = [...new Set(reports.flatMap(({ checks }) => checks.map(({ check }) => check)))];
  const cell = (report: Report, name: string) => report.checks.find(({ check }) => check === name)?.value ?? '–';
  return table([
    ['', ...reports.map(({ kernel }) => kernel)],
    ...names.map((name) => [name, ...reports.map((report) => cell(report, name))]),
    ['seconds', ...reports.map(({ seconds }) => seconds.toFixed(0))],
  ]);
}

/** Instructions that the verifier walked; one row for each program. */
export function verifierTable(reports: readonly Report[]): string {
  const names = [...new Set(reports.flatMap(({ programs }) => programs.map((p) => `${p.object} ${p.program}`)))];
  const cell = (report: Report, name: string) => {
    const found = report.programs.find((p) => `${p.object} ${p.program}` === name);
    if (found?.insns === undefined) return '–';
    return found.logBytes === undefined
      ? `${found.insns}`
      : `${found.insns} (log ${Math.ceil(found.logBytes / 1024)} KiB)`;
  };
  return table([
    ['instructions walked', ...reports.map(({ kernel }) => kernel)],
    ...names.map((name) => [name, ...reports.map((report) => cell(report, name))]),
  ]);
}
