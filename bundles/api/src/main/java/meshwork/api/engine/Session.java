package meshwork.api.engine;

import java.lang.foreign.MemorySegment;
import java.util.Map;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Decodes batches and keeps the memory of the sequences in them. One thread at a time, except {@link #interrupt()}. What a
 * step computed stays where the engine has it: segments given out are views, valid until the next decode.
 */
@ConsumerType
public interface Session extends AutoCloseable {

	/** What the session was opened with, where the engine had a choice: what it chose. */
	SessionOptions options();

	/** The session's one batch, to be filled for the next decode. */
	Batch batch();

	/**
	 * Decodes the batch: extends the memory of its sequences, computes the rows that want an output, and walks the samplers
	 * along them. Blocks for one step.
	 *
	 * @throws NoRoom when the KV memory has no cells for the batch; nothing was changed
	 * @throws DecodeInterrupted after {@link #interrupt()}; sequences of the batch are to be cut back to where they were
	 * @throws EngineFailed when the step can't be computed
	 */
	void decode();

	/** Ends the running decode, from any thread; without one, nothing. */
	void interrupt();

	/**
	 * Logits of a row of the last decode that wanted them.
	 *
	 * @return f32, {@code [n_vocab]}
	 */
	MemorySegment logits(int row);

	/**
	 * Whether steps also give hidden states. Every row of such a batch counts as one that wants an output.
	 *
	 * @see #hidden(int)
	 */
	void hidden(boolean wanted);

	/**
	 * Hidden state of a row of the last decode, after the final norm: what the output matrix multiplies.
	 *
	 * @return f32, {@code [n_embd]}
	 */
	MemorySegment hidden(int row);

	/**
	 * What a session that embeds has made of a sequence of the last decode; what its memory held of the sequence before counts where
	 * {@link Pooling#LAST} is taken.
	 *
	 * @return f32, {@code [n_embd]}, or the scores of the classification head with {@link Pooling#RANK}
	 * @throws UnsupportedOperationException when the session does not embed, or each token has its own ({@link #hidden(int)})
	 */
	default MemorySegment embedding(int sequence) {
		throw new UnsupportedOperationException("this session does not embed");
	}

	/**
	 * Adapts the model for the steps that follow, in this session alone. What its memory holds was computed without: it is the
	 * caller's to forget it.
	 *
	 * @param scales adapters of this model and how strongly each counts; none of the others does
	 * @throws UnsupportedOperationException when the engine knows no adapters
	 */
	default void adapt(Map<Adapter, Float> scales) {
		throw new UnsupportedOperationException("this engine knows no adapters");
	}

	/**
	 * How likely the model held a token at a row of the last decode, before any sampler.
	 *
	 * @param top how many of the likeliest tokens to name beside it
	 */
	TokenLikelihood likelihood(int row, int token, int top);

	/**
	 * Makes a sampler for a sequence of this session; the caller closes it.
	 *
	 * @throws StageRejected when the engine does not have a stage, or can't use its parameters, which the message names
	 * @throws IllegalArgumentException when the stages don't go together
	 */
	Sampler sampler(SamplerOptions options);

	/** The KV memory, by sequence; of a model that keeps none, one that is always empty. */
	SequenceMemory memory();

	/** Gives everything back. Closing twice does nothing. */
	@Override
	void close();
}
