package meshwork.api.engine;

import java.util.Optional;

/**
 * What a session is opened for.
 *
 * @param context cells of KV memory, shared by all sequences, in tokens
 * @param sequences how many sequences there can be at once
 * @param batch most tokens in one decode
 * @param microBatch most tokens computed at once within a decode
 * @param threads threads for steps that decode; 0 lets the engine choose
 * @param batchThreads threads for steps that prefill; 0 lets the engine choose
 * @param pooling for a session that embeds, how; empty for one that generates
 */
public record SessionOptions(int context, int sequences, int batch, int microBatch, int threads, int batchThreads, Optional<Pooling> pooling) {

	public SessionOptions {
		if (context < 1 || sequences < 1 || batch < 1 || microBatch < 1 || threads < 0 || batchThreads < 0)
			throw new IllegalArgumentException("a session needs room for at least one token and one sequence");
	}

	/** A session that generates. */
	public SessionOptions(int context, int sequences, int batch, int microBatch, int threads, int batchThreads) {
		this(context, sequences, batch, microBatch, threads, batchThreads, Optional.empty());
	}

	/**
	 * A session that embeds: what is in a batch is computed at once.
	 *
	 * @param context tokens that a sequence can have
	 * @param batch tokens of all sequences in one decode
	 */
	public static SessionOptions embedding(int context, int sequences, int batch, int threads, Pooling pooling) {
		return new SessionOptions(context, sequences, batch, batch, threads, threads, Optional.of(pooling));
	}

	/** A session for some sequences, with the engine's own choice of threads and batches of 2048 in steps of 512. */
	public static SessionOptions of(int context, int sequences) {
		return new SessionOptions(context, sequences, Math.min(context, 2048), Math.min(context, 512), 0, 0);
	}
}
