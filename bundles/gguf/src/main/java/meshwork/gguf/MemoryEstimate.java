package meshwork.gguf;

/**
 * How much memory a model will take, in bytes, estimated before it is loaded. Cache and state are what llama.cpp
 * allocates; compute is within a quarter of it on what was tried.
 *
 * @param weights all tensors; what the engine repacks for its processor it holds twice
 * @param cache keys and values: of all tokens in all layers, as it takes to go back, also where a layer looks back a
 *        window only
 * @param state what recurrent layers carry from token to token
 * @param compute intermediate results of one step, with flash attention; what only makes vectors reads a text in one step
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
		long cells = ((long) tokens + CELLS - 1) / CELLS * CELLS;
		long cache = 0;
		for (int heads : model.keyValueHeads()) {
			cache += cells * bytes(cacheType, (long) heads * (model.keyLength() + (model.latent() ? 0 : model.valueLength())));
		}
		long step = model.generates() ? Math.min(tokens, STEP_TOKENS) : tokens;
		long masks = cache == 0 ? 0 : model.windows().stream().anyMatch(window -> window > 0) ? 2 : 1;
		long compute = step * Float.BYTES * (model.vocabulary() + (long) HIDDEN_STATES * model.embeddingLength())
				+ step * Short.BYTES * cells * masks;
		return new MemoryEstimate(model.tensorBytes(), cache, model.recurrentState() * sequences, compute);
	}

	private static long bytes(TensorType type, long elements) {
		return (elements + type.blockElements() - 1) / type.blockElements() * type.blockBytes();
	}

	/** All of it. */
	public long total() {
		return weights + cache + state + compute;
	}
}
