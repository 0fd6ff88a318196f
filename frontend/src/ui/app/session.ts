import { Signal } from "../../editor/signal";

/** Set by the first answer that says so: a layer over the page then tells how to sign in, and what is open stays. */
export const isSignedOut = new Signal(false);

/** The user signed out: nothing of the page is to stay. */
export const hasLeft = new Signal(false);
