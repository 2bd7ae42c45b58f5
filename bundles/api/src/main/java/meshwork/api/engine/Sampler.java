package meshwork.api.engine;

import org.osgi.annotation.versioning.ConsumerType;

/** Picks the tokens of one sequence, and remembers what it needs of them. Used by the thread that decodes. */
@ConsumerType
public interface Sampler extends AutoCloseable {

	/** Tells of a token that the sequence holds and this sampler did not pick, such as one of the prompt. */
	void accept(int token);

	/**
	 * Tells of a token that a sampler with the same options picked before, so that this one goes on where that one was: in its
	 * grammar, its memory and its draws.
	 */
	default void replay(int token) {
		accept(token);
	}

	/** Another sampler in the same state, for a sequence that branches off. */
	Sampler copy();

	@Override
	void close();
}
