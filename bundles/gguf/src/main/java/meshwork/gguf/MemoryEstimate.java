package meshwork.gguf;

/**
 * How much memory a model will take, in bytes, estimated before it is loaded.
 *
 * @param weights all tensors; what the engine repacks for its processor it holds twice for as long as both are in use
 * @param cache keys and values
 * @param state what recurrent layers carry from token to token
 * @param compute intermediate results of one step, within a factor of two
 */
public record MemoryEstimate(long weights, long cache, long state, long compute) {

	private static final int STEP_TOKENS = 512;
	private static final int CELLS = 256;
	/** Hidden states that are alive at once, give or take. */
	private static final int HIDDEN_STATES = 12;

	/**
	 * Estimates for a context of {@code tokens} that up to {@code sequences} share.
	 *
	 * @param cacheType how keys and values are kept, usually F16
	 */
	public static MemoryEstimate of(ModelFacts model, int tokens, int sequences, TensorType cacheType) {
		long cache = 0;
		for (int layer = 0; layer < model.layers(); layer++) {
			long elements = (long) model.keyValueHeads().get(layer)
					* (model.keyLength() + (model.latent() ? 0 : model.valueLength()));
			cache += bytes(cacheType, elements) * cells(model, layer, tokens, sequences);
		}
		long compute = (long) Math.min(tokens, STEP_TOKENS) * Float.BYTES
				* (model.vocabulary() + (long) HIDDEN_STATES * model.embeddingLength());
		return new MemoryEstimate(model.tensorBytes(), cache, model.recurrentState() * sequences, compute);
	}

	/** Tokens that a layer keeps: all, or with a window those that it, and the step in progress, still look at. */
	private static long cells(ModelFacts model, int layer, int tokens, int sequences) {
		long all = padded(tokens);
		int window = model.windows().get(layer);
		return window == 0 ? all : Math.min(all, padded((long) window * sequences + STEP_TOKENS));
	}

	private static long padded(long tokens) {
		return (tokens + CELLS - 1) / CELLS * CELLS;
	}

	private static long bytes(TensorType type, long elements) {
		return (elements + type.blockElements() - 1) / type.blockElements() * type.blockBytes();
	}

	/** All of it. */
	public long total() {
		return weights + cache + state + compute;
	}
}
