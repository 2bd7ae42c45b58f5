package meshwork.api.engine;

/**
 * What a session is opened for.
 *
 * @param context cells of KV memory, shared by all sequences, in tokens
 * @param sequences how many sequences there can be at once
 * @param batch most tokens in one decode
 * @param microBatch most tokens computed at once within a decode
 * @param threads threads for steps that decode; 0 lets the engine choose
 * @param batchThreads threads for steps that prefill; 0 lets the engine choose
 */
public record SessionOptions(int context, int sequences, int batch, int microBatch, int threads, int batchThreads) {

	public SessionOptions {
		if (context < 1 || sequences < 1 || batch < 1 || microBatch < 1 || threads < 0 || batchThreads < 0)
			throw new IllegalArgumentException("a session needs room for at least one token and one sequence");
	}

	/** A session for some sequences, with the engine's own choice of threads and batches of 2048 in steps of 512. */
	public static SessionOptions of(int context, int sequences) {
		return new SessionOptions(context, sequences, Math.min(context, 2048), Math.min(context, 512), 0, 0);
	}
}
