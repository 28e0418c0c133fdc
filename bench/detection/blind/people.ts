export const PEOPLE: Record<string, { make: (r: any) => string; around: string[] }> = {};
