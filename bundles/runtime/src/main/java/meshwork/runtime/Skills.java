package meshwork.runtime;

import meshwork.api.engine.Pooling;

/**
 * What a model can do.
 *
 * @param generates whether it continues text
 * @param vectorLength elements of a vector that it makes of a text, 0 if it makes none
 * @param pooling how it makes one vector of those of all tokens
 * @param classes scores that its classification head gives a pair of texts, 0 if it has none
 * @param rankTemplate text in which {@code {query}} and {@code {document}} stand for a pair; empty for the usual form
 */
record Skills(boolean generates, int vectorLength, Pooling pooling, int classes, String rankTemplate) {

	/** Of a model that only its engine knows. */
	static final Skills PLAIN = new Skills(true, 1, Pooling.LAST, 0, "");

	/** Whether a text may be read in pieces: each token sees those before it only, and the last one is taken. */
	boolean inPieces(Pooling pooled) {
		return generates && pooled == Pooling.LAST;
	}
}
