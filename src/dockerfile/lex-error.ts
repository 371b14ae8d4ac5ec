/** What is wrong with a word, as half a sentence; whoever knows the word's place makes a `Failure` of it. */
export class LexError extends Error {}
