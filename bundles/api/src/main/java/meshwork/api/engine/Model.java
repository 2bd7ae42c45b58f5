package meshwork.api.engine;

import org.osgi.annotation.versioning.ConsumerType;

/** Weights in memory, shared by the sessions opened on them. Safe for use by many threads. */
@ConsumerType
public interface Model extends AutoCloseable {

	/** What the engine found in the file. */
	ModelDescription description();

	/** The tokens that the model speaks. */
	Vocabulary vocabulary();

	/**
	 * Opens a session: KV memory for some sequences and what it takes to decode them. Blocks while memory is allotted.
	 *
	 * @throws EngineFailed when there is no memory for it, with the bytes that it takes
	 */
	Session open(SessionOptions options);

	/** Closes the sessions that are still open, then gives the weights back. Closing twice does nothing. */
	@Override
	void close();
}
