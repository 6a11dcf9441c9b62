export const text = "late";
