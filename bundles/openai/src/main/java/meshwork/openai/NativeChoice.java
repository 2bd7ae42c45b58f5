package meshwork.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationEvent.Timings;
import meshwork.api.inference.GenerationEvent.Usage;
import tools.jackson.databind.node.ObjectNode;

/** A choice as llama-server tells of it, in parts and in the end. It may end earlier than the model would: by time, or by indentation. */
final class NativeChoice {

	private static final Pattern LINE = Pattern.compile("\n([ \t]*)[^ \t]");

	/** No place is told: which it was means nothing to the next request. */
	private static final int NO_SLOT = -1;

	private final int index;
	private final NativeWish wish;
	private final Optional<String> prompt;
	private final long asked_ns = System.nanoTime();
	private final StringBuilder text = new StringBuilder();
	private final List<PickedToken> tokens = new ArrayList<>();
	private int promptTokens;
	private int cachedTokens;
	private long begun_ns = asked_ns;
	private long last_ns = asked_ns;
	private Optional<String> ended = Optional.empty();
	private String stop = "";
	private Optional<GenerationEvent.Done> done = Optional.empty();

	/** @param prompt as text, where it can be told */
	NativeChoice(int index, NativeWish wish, Optional<String> prompt) {
		this.index = index;
		this.wish = wish;
		this.prompt = prompt;
	}

	/** Some more of a choice. */
	record Part(int index, String content, List<Integer> tokens, boolean stop, int idSlot, int tokensPredicted, int tokensEvaluated,
			@JsonInclude(Include.NON_ABSENT) Optional<List<Picked>> completionProbabilities) {
	}

	/** A token, and those that could have been picked in its place. */
	record Picked(int id, String token, int[] bytes, float logprob, List<Candidate> topLogprobs) {

		static Picked of(PickedToken token) {
			return new Picked(token.token(), ChatWording.text(token.bytes()), unsigned(token.bytes()), ChatWording.finite(token.logprob()),
					token.top().stream().map(each -> new Candidate(each.token(), ChatWording.text(each.bytes()), unsigned(each.bytes()),
							ChatWording.finite(each.logprob()))).toList());
		}
	}

	record Candidate(int id, String token, int[] bytes, float logprob) {
	}

	/**
	 * A choice that is complete.
	 *
	 * @param tokensPredicted how many were picked
	 * @param tokensEvaluated how many the prompt has
	 * @param tokensCached how many are remembered for a prompt that goes on from there
	 */
	record Result(int index, String content, List<Integer> tokens, int idSlot, boolean stop, String model, int tokensPredicted, int tokensEvaluated,
			ObjectNode generationSettings, @JsonInclude(Include.NON_ABSENT) Optional<String> prompt, boolean hasNewLine, boolean truncated,
			String stopType, String stoppingWord, int tokensCached, Spent.Times timings,
			@JsonInclude(Include.NON_ABSENT) Optional<List<Picked>> completionProbabilities) {
	}

	void start(int promptTokens, int cachedTokens) {
		this.promptTokens = promptTokens;
		this.cachedTokens = cachedTokens;
	}

	/** Whether nothing that comes belongs to it any more. */
	boolean ended() {
		return ended.isPresent();
	}

	/** @return what of it counts, if anything does */
	Optional<Part> say(String more, List<PickedToken> picked) {
		if (ended() || wish.nothing())
			return Optional.empty();
		last_ns = System.nanoTime();
		if (tokens.isEmpty() && text.isEmpty())
			begun_ns = last_ns;
		int from = text.length();
		text.append(more);
		tokens.addAll(picked);
		cut(from);
		if (more.indexOf('\n') >= 0 && wish.time().filter(time -> last_ns - begun_ns > time.toNanos()).isPresent())
			ended = Optional.of("limit");
		return Optional.of(new Part(index, text.substring(from), ids(picked), false, NO_SLOT, tokens.size(), promptTokens, probabilities(picked)));
	}

	/** Takes off the line that is indented by less than it has to be. */
	private void cut(int from) {
		Matcher line = LINE.matcher(text);
		for (int at = Math.max(0, text.lastIndexOf("\n", from)); wish.indent() > 0 && line.find(at); at = line.end() - 1)
			if (line.group(1).length() < wish.indent()) {
				ended = Optional.of("limit");
				text.setLength(line.end() - 1);
				return;
			}
	}

	void finish(FinishReason reason, Optional<String> word) {
		if (ended())
			return;
		ended = Optional.of(reason == FinishReason.LENGTH || wish.nothing() ? "limit" : word.isPresent() ? "word" : "eos");
		stop = word.filter(_ -> !wish.nothing()).orElse("");
	}

	void done(GenerationEvent.Done all) {
		done = Optional.of(all);
	}

	Result result() {
		boolean stream = wish.wish().stream();
		int predicted = wish.nothing() ? 0
				: done.filter(_ -> wish.wish().request().choices() == 1).map(all -> all.usage().completionTokens()).orElse(tokens.size());
		Timings timings = done.map(GenerationEvent.Done::timings)
				.orElseGet(() -> new Timings(0, (begun_ns - asked_ns) / 1e6, (last_ns - begun_ns) / 1e6));
		return new Result(index, stream ? "" : text.toString(), wish.tokens() && !stream ? ids(tokens) : List.of(), NO_SLOT, true,
				wish.wish().request().model(), predicted, promptTokens, wish.settings(), prompt, text.indexOf("\n") >= 0, false,
				ended.orElse("limit"), stop, promptTokens + Math.max(0, predicted - 1),
				new Spent(new Usage(promptTokens, cachedTokens, predicted, 0), timings).times(), stream ? Optional.empty() : probabilities(tokens));
	}

	private Optional<List<Picked>> probabilities(List<PickedToken> picked) {
		return wish.probabilities() && !picked.isEmpty() ? Optional.of(picked.stream().map(Picked::of).toList()) : Optional.empty();
	}

	private static List<Integer> ids(List<PickedToken> picked) {
		return picked.stream().map(PickedToken::token).toList();
	}

	private static int[] unsigned(byte[] bytes) {
		var unsigned = new int[bytes.length];
		for (int i = 0; i < bytes.length; i++)
			unsigned[i] = Byte.toUnsignedInt(bytes[i]);
		return unsigned;
	}
}
