package meshwork.api.engine;

import org.osgi.annotation.versioning.ConsumerType;

/** Picks the tokens of one sequence, and remembers what it needs of them. Used by the thread that decodes. */
@ConsumerType
public interface Sampler extends AutoCloseable {

	/** Tells of a token that the sequence holds and this sampler did not pick, such as one of the prompt. */
	void accept(int token);

	/** Another sampler in the same state, for a sequence that branches off. */
	Sampler copy();

	@Override
	void close();
}
