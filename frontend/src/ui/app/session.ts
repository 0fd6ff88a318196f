import { Signal } from "../../editor/signal";

/** Set by the first answer that says so: the whole page then tells how to sign in. */
export const isSignedOut = new Signal(false);
