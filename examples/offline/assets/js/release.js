export const release = "first";
