/** Something that the person at the terminal can put right: printed as one sentence, without a stack. */
export class Trouble extends Error {}
