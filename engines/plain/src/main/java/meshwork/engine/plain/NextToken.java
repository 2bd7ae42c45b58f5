package meshwork.engine.plain;

import java.nio.IntBuffer;

import org.osgi.annotation.versioning.ConsumerType;

/** A model: says from the tokens of a sequence how likely each token is to follow. */
@FunctionalInterface
@ConsumerType
public interface NextToken {

	/**
	 * Scores the tokens that may follow.
	 *
	 * @param tokens the sequence so far, at least one token; valid during the call
	 * @param logits to be filled, {@code [n_vocab]}; all 0 before
	 */
	void score(IntBuffer tokens, float[] logits);
}
