package meshwork.gguf;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What there is to know about a model before it is loaded.
 *
 * @param architecture llama.cpp's name of it
 * @param name what its maker calls it
 * @param generates whether it continues text; if not, it only turns text into vectors
 * @param vectorLength elements of a vector that it makes of a text, 0 if it makes none
 * @param pooling how it makes one vector of those of all tokens, if it says so
 * @param classes scores that its classification head gives a text, 0 if it has none
 * @param parameters elements of all tensors
 * @param tensorBytes bytes of all tensors
 * @param fileType llama.cpp's number for the mix of quantizations, as the file claims
 * @param contextLength tokens it was trained for
 * @param contextBound whether longer contexts are impossible, since positions are learned
 * @param layers blocks, those for predicting several tokens included
 * @param embeddingLength elements of a hidden state
 * @param heads attention heads of each layer, 0 where it is recurrent
 * @param keyValueHeads heads of each layer that keys and values are cached for
 * @param keyLength elements of a key of one head
 * @param valueLength elements of a value of one head
 * @param latent whether keys and values are cached compressed, the value being part of the key
 * @param windows tokens that each layer looks back, 0 for all
 * @param recurrentState bytes of state that each sequence needs in all recurrent layers
 * @param vocabulary tokens
 * @param experts of each MoE layer, 0 for a dense model
 * @param expertsUsed of them for a token, at most
 * @param chatTemplate in Jinja
 * @param rankTemplate text in which {@code {query}} and {@code {document}} stand for what is to be compared
 */
public record ModelFacts(
		String architecture,
		Optional<String> name,
		boolean generates,
		int vectorLength,
		Optional<Pooling> pooling,
		int classes,
		long parameters,
		long tensorBytes,
		OptionalInt fileType,
		int contextLength,
		boolean contextBound,
		int layers,
		int embeddingLength,
		List<Integer> heads,
		List<Integer> keyValueHeads,
		int keyLength,
		int valueLength,
		boolean latent,
		List<Integer> windows,
		long recurrentState,
		int vocabulary,
		int experts,
		int expertsUsed,
		Optional<String> chatTemplate,
		Optional<String> rankTemplate) {

	/** How one vector is made of those of all tokens, by llama.cpp's numbers. */
	public enum Pooling {
		/** Not at all. */
		NONE,
		/** Their mean. */
		MEAN,
		/** That of the first. */
		CLS,
		/** That of the last. */
		LAST,
		/** What the classification head says of one of them. */
		RANK
	}

	public ModelFacts {
		heads = List.copyOf(heads);
		keyValueHeads = List.copyOf(keyValueHeads);
		windows = List.copyOf(windows);
	}

	/** Whether it has experts. */
	public boolean isMixtureOfExperts() {
		return experts > 0;
	}
}
