package meshwork.api.engine;

import java.nio.file.Path;

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
	 * @throws EngineFailed when there is no memory for it, with the bytes that it takes; when the model can't do what it is for
	 * @throws UnsupportedOperationException when it is to embed, and the engine does not
	 */
	Session open(SessionOptions options);

	/**
	 * Loads an adapter for sessions that are opened later; it is given back with the model. Blocks until then.
	 *
	 * @param file an adapter for this model that has been checked
	 * @throws ModelNotLoaded when the engine can't load it, with the reason
	 * @throws UnsupportedOperationException when the engine knows no adapters
	 */
	default Adapter adapter(Path file) {
		throw new UnsupportedOperationException("this engine knows no adapters");
	}

	/** Closes the sessions that are still open, then gives the weights back. Closing twice does nothing. */
	@Override
	void close();
}
