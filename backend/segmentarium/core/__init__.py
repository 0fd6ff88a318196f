"""Pure domain: geometry, masks, RLE, segment maps. No IO, no clock, no randomness, no framework."""
