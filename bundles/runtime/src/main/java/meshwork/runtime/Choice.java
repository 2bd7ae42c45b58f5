package meshwork.runtime;

import java.util.Arrays;
import java.util.Optional;

import meshwork.api.engine.Sampler;
import meshwork.api.engine.TokenLikelihood;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.GenerationEvent.FinishReason;

/**
 * One continuation of a prompt. It owes the batch the tokens that it has and the KV memory has not: after a pick one, at the
 * beginning the prompt, and all of them when its memory was lost. Used by the decoding thread.
 */
final class Choice {

	/** It has no place. */
	static final int UNSEATED = -1;

	private final Stream stream;
	private final int index;
	private final Sampler sampler;
	private final Vocabulary vocabulary;
	private final int most;
	private final Speech speech;
	private int[] tokens;
	private int size;
	private int generated;

	/** Its place among those that are decoded, and the sequence that it has in the session. */
	int place = UNSEATED;
	int sequence = UNSEATED;
	/** Who reads, at this moment, what this one's prompt begins with, and how many tokens of it: waiting for them is faster. */
	Optional<Choice> leader = Optional.empty();
	int goal;
	/** How many of its tokens the sequence holds. */
	int computed;
	/** How many of its tokens are in the batch of this step, and the last row of them. */
	int taken;
	int row;
	/** When it got its place, and its last token. */
	long seated_ns;
	long picked_ns;

	/** @param most tokens that it may say */
	Choice(Stream stream, int index, Sampler sampler, Vocabulary vocabulary, int most) {
		this.stream = stream;
		this.index = index;
		this.sampler = sampler;
		this.vocabulary = vocabulary;
		this.most = most;
		speech = new Speech(stream, index, vocabulary);
		tokens = Arrays.copyOf(stream.prompt(), stream.prompt().length + 64);
		size = stream.prompt().length;
	}

	Stream stream() {
		return stream;
	}

	int index() {
		return index;
	}

	Sampler sampler() {
		return sampler;
	}

	int token(int position) {
		return tokens[position];
	}

	/** What it holds, as an array that may be longer. */
	int[] tokens() {
		return tokens;
	}

	int size() {
		return size;
	}

	/** How many of the first tokens two have in common. */
	int common(Choice other) {
		int different = Arrays.mismatch(tokens, 0, size, other.tokens, 0, other.size);
		return different < 0 ? Math.min(size, other.size) : different;
	}

	/** Tokens that are yet to be computed; from the last of them the next is picked. */
	int owed() {
		return size - computed;
	}

	/** Tokens of the prompt that others may share: all but the one from which the first is picked. */
	int shared() {
		return stream.prompt().length - 1;
	}

	/** How many tokens it has said. */
	int generated() {
		return generated;
	}

	Optional<String> stop() {
		return speech.stop();
	}

	/** Takes in a picked token, says what can be said, and why the choice is complete if it is. */
	Optional<FinishReason> take(int token, Optional<TokenLikelihood> likelihood) {
		generated++;
		if (vocabulary.ends(token) && !stream.request().ignoreEnd())
			return finish(FinishReason.STOP);
		if (size == tokens.length)
			tokens = Arrays.copyOf(tokens, 2 * size);
		tokens[size++] = token;
		if (!speech.say(token, likelihood))
			return finish(FinishReason.STOP);
		return generated >= most ? finish(FinishReason.LENGTH) : Optional.empty();
	}

	private Optional<FinishReason> finish(FinishReason reason) {
		speech.end();
		return Optional.of(reason == FinishReason.STOP && speech.called() ? FinishReason.TOOL_CALLS : reason);
	}
}
