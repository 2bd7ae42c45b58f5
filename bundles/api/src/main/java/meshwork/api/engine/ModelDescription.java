package meshwork.api.engine;

/**
 * What an engine knows of a loaded model.
 *
 * @param text what it is, for a person to read, such as {@code qwen3moe 4M Q8_0}
 * @param parameters number of weights
 * @param bytes memory that the weights take
 * @param trainedContext tokens that it was trained to look back, 0 when the file does not say
 * @param embedding length of a hidden state
 * @param layers number of blocks
 * @param rollback how far a sequence's memory can be taken back
 */
public record ModelDescription(String text, long parameters, long bytes, int trainedContext, int embedding, int layers,
		Rollback rollback) {

	/** How far a sequence's memory can be taken back. */
	public enum Rollback {
		/** To any position: attention over a KV cache. */
		ANY,
		/** Not at all but to nothing: a recurrent state. */
		NONE
	}
}
