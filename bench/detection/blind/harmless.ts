export const HARMLESS: Record<string, (r: any) => string> = {};
