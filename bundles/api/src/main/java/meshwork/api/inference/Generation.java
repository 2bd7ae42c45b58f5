package meshwork.api.inference;

import org.osgi.annotation.versioning.ProviderType;

/** A running generation: a stream of events, read by one thread. */
@ProviderType
public interface Generation extends AutoCloseable {

	/**
	 * The next event; waits for it. The last one is {@link GenerationEvent.Done}.
	 *
	 * @throws InferenceException.GenerationFailed when it ended early, after the events that there were
	 * @throws IllegalStateException when asked for more after the end
	 */
	GenerationEvent next() throws InterruptedException;

	/**
	 * Cancels what is left, from any thread; whoever waits for the next event is told by an
	 * {@link InferenceException.GenerationFailed}. Closing twice, or after the end, does nothing.
	 */
	@Override
	void close();
}
