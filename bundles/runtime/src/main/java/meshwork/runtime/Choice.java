package meshwork.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import meshwork.api.engine.Sampler;
import meshwork.api.engine.TokenLikelihood;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.Piece;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationEvent.PickedToken.Alternative;

/**
 * One continuation of a prompt. It owes the batch the tokens that it has and the KV memory has not: after a pick one, at the
 * beginning the prompt, and all of them when its memory was lost. Used by the decoding thread.
 */
final class Choice {

	/** It has no sequence. */
	static final int UNSEATED = -1;

	private record Pending(PickedToken token, int at) {
	}

	private final Stream stream;
	private final int index;
	private final Sampler sampler;
	private final Vocabulary vocabulary;
	private final int most;
	private final Text text;
	private final ArrayDeque<Pending> pending = new ArrayDeque<>();
	private int[] tokens;
	private int size;
	private int generated;

	/** The sequence that it has in the session. */
	int sequence = UNSEATED;
	/** How many of its tokens the sequence holds. */
	int computed;
	/** How many of its tokens are in the batch of this step, and the last row of them. */
	int taken;
	int row;

	/** @param most tokens that it may say */
	Choice(Stream stream, int index, Sampler sampler, Vocabulary vocabulary, int most) {
		this.stream = stream;
		this.index = index;
		this.sampler = sampler;
		this.vocabulary = vocabulary;
		this.most = most;
		text = new Text(stream.request().stops());
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

	/** Tokens that are yet to be computed; from the last of them the next is picked. */
	int owed() {
		return size - computed;
	}

	/** Tokens of the prompt that all choices of the request share: all but the one from which they go apart. */
	int shared() {
		return stream.prompt().length - 1;
	}

	Optional<String> stop() {
		return text.stop();
	}

	/** Takes in a picked token, says what can be said, and why the choice is complete if it is. */
	Optional<FinishReason> take(int token, Optional<TokenLikelihood> likelihood) {
		generated++;
		stream.picked();
		if (vocabulary.ends(token) && !stream.request().ignoreEnd())
			return finish(FinishReason.STOP);
		if (size == tokens.length)
			tokens = Arrays.copyOf(tokens, 2 * size);
		tokens[size++] = token;
		int at = text.length();
		text.add(vocabulary.bytes(token, false));
		likelihood.ifPresent(it -> pending.add(new Pending(picked(it), at)));
		if (text.stop().isPresent())
			return finish(FinishReason.STOP);
		if (generated >= most)
			return finish(FinishReason.LENGTH);
		say();
		return Optional.empty();
	}

	private Optional<FinishReason> finish(FinishReason reason) {
		text.end();
		if (text.stop().isPresent())
			pending.removeIf(it -> it.at() >= text.length());
		say();
		return Optional.of(reason);
	}

	private void say() {
		String more = text.release();
		List<PickedToken> said = pending.isEmpty() ? List.of() : said();
		if (!more.isEmpty() || !said.isEmpty())
			stream.emit(new Piece(index, more, said));
	}

	/** The picked tokens whose text was given out, or that have none. */
	private List<PickedToken> said() {
		var said = new ArrayList<PickedToken>();
		while (!pending.isEmpty() && (pending.getFirst().at() < text.released() || text.released() == text.length()))
			said.add(pending.removeFirst().token());
		return said;
	}

	private PickedToken picked(TokenLikelihood likelihood) {
		return new PickedToken(likelihood.token(), vocabulary.bytes(likelihood.token(), true), likelihood.logprob(),
				likelihood.top().stream().map(it -> new Alternative(it.token(), vocabulary.bytes(it.token(), true), it.logprob())).toList());
	}
}
