/** The triple all colour functions speak: red, green, blue, in the form each function names. */
export type Rgb = readonly [red: number, green: number, blue: number];
/** A colour stage: takes and gives encoded sRGB unless it says otherwise; values may leave 0..1. */
export type ColourStage = (rgb: Rgb) => Rgb;
/** A tone stage for one channel. */
export type ToneStage = (value: number) => number;
