package meshwork.openai;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;
import tools.jackson.databind.node.NullNode;

/** Plain completions, whole and in parts, which look the same. */
final class CompletionWording implements Wording {

	private final Heading heading;
	private final boolean likelihoods;
	private final boolean usage;
	private final List<String> echoes;
	private final Map<Integer, Integer> told = new HashMap<>();

	/**
	 * @param likelihoods whether to tell how likely tokens were
	 * @param usage whether a stream ends with what was used
	 * @param echoes what each choice begins with; none for nothing
	 */
	CompletionWording(Heading heading, boolean likelihoods, boolean usage, List<String> echoes) {
		this.heading = heading;
		this.likelihoods = likelihoods;
		this.usage = usage;
		this.echoes = echoes;
	}

	/** @param usage absent, or null, or what was used */
	record Completion(String id, String object, long created, String model, @JsonInclude(Include.NON_ABSENT) Optional<String> systemFingerprint,
			List<Part> choices, @JsonInclude(Include.NON_ABSENT) Optional<Object> usage, @JsonInclude(Include.NON_ABSENT) Optional<Spent.Times> timings) {
	}

	record Part(String text, int index, Optional<Likelihoods> logprobs, Optional<String> finishReason) {
	}

	/** @param textOffset where each token begins, in characters */
	record Likelihoods(List<String> tokens, List<Float> tokenLogprobs, List<Map<String, Float>> topLogprobs, List<Integer> textOffset) {
	}

	private String echo(int choice) {
		return echoes.isEmpty() ? "" : echoes.get(choice);
	}

	@Override
	public Optional<Object> opening(int choice) {
		told.put(choice, echo(choice).length());
		return echo(choice).isEmpty() ? Optional.empty() : Optional.of(part(choice, echo(choice), List.of(), Optional.empty(), Optional.empty()));
	}

	@Override
	public Object piece(int choice, String text, List<PickedToken> tokens) {
		return part(choice, text, tokens, Optional.empty(), Optional.empty());
	}

	@Override
	public Object ending(int choice, FinishReason reason, Optional<Spent> spent) {
		return part(choice, "", List.of(), Optional.of(Wording.reason(reason)), spent);
	}

	private Completion part(int choice, String text, List<PickedToken> tokens, Optional<String> reason, Optional<Spent> spent) {
		return completion(List.of(new Part(text, choice, likelihoods(choice, tokens), reason)),
				usage ? Optional.of(NullNode.instance) : Optional.empty(), spent);
	}

	@Override
	public Object usage(Spent spent) {
		return completion(List.of(), Optional.of(spent.tokens()), Optional.of(spent));
	}

	@Override
	public Object whole(List<Choice> choices, Spent spent) {
		var parts = new ArrayList<Part>();
		for (Choice choice : choices) {
			told.put(choice.index(), echo(choice.index()).length());
			parts.add(new Part(echo(choice.index()) + choice.text(), choice.index(), likelihoods(choice.index(), choice.tokens()),
					Optional.of(Wording.reason(choice.reason()))));
		}
		return completion(parts, Optional.of(spent.tokens()), Optional.of(spent));
	}

	private Completion completion(List<Part> parts, Optional<Object> used, Optional<Spent> spent) {
		return new Completion(heading.id(), "text_completion", heading.created(), heading.model(), heading.fingerprint(), parts, used,
				spent.map(Spent::times));
	}

	private Optional<Likelihoods> likelihoods(int choice, List<PickedToken> picked) {
		if (!likelihoods)
			return Optional.empty();
		var all = new Likelihoods(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
		for (PickedToken token : picked) {
			String text = ChatWording.text(token.bytes());
			all.tokens().add(text);
			all.tokenLogprobs().add(ChatWording.finite(token.logprob()));
			var top = new LinkedHashMap<String, Float>();
			token.top().forEach(each -> top.putIfAbsent(ChatWording.text(each.bytes()), ChatWording.finite(each.logprob())));
			all.topLogprobs().add(top);
			all.textOffset().add(told.merge(choice, text.length(), Integer::sum) - text.length());
		}
		return Optional.of(all);
	}
}
