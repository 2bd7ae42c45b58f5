package meshwork.openai;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;
import tools.jackson.databind.node.NullNode;

/**
 * Chat completions and their chunks.
 *
 * @param likelihoods whether to tell how likely tokens were
 * @param usage whether a stream ends with what was used
 * @param functions whether calls are told of as they were before there were tools
 */
record ChatWording(Heading heading, boolean likelihoods, boolean usage, boolean functions) implements Wording {

	record Completion(String id, String object, long created, String model, @JsonInclude(Include.NON_ABSENT) Optional<String> systemFingerprint,
			String serviceTier, List<WholeChoice> choices, Spent.Tokens usage, Spent.Times timings) {
	}

	record WholeChoice(int index, Message message, Optional<Likelihoods> logprobs, String finishReason) {
	}

	/** @param content null if tools are called and nothing is said beside */
	record Message(String role, Optional<String> content, Optional<String> refusal, List<Object> annotations,
			@JsonInclude(Include.NON_ABSENT) Optional<String> reasoningContent, @JsonInclude(Include.NON_EMPTY) List<ToolCall> toolCalls,
			@JsonInclude(Include.NON_ABSENT) Optional<Function> functionCall) {
	}

	record ToolCall(String id, String type, Function function) {
	}

	/** @param name absent where it was told before */
	record Function(@JsonInclude(Include.NON_ABSENT) Optional<String> name, String arguments) {
	}

	/** @param usage absent, or null, or what was used */
	record Chunk(String id, String object, long created, String model, @JsonInclude(Include.NON_ABSENT) Optional<String> systemFingerprint,
			String serviceTier, List<PartChoice> choices, @JsonInclude(Include.NON_ABSENT) Optional<Object> usage,
			@JsonInclude(Include.NON_ABSENT) Optional<Spent.Times> timings) {
	}

	record PartChoice(int index, Delta delta, Optional<Likelihoods> logprobs, Optional<String> finishReason) {
	}

	@JsonInclude(Include.NON_EMPTY)
	record Delta(Optional<String> role, @JsonInclude(Include.NON_ABSENT) Optional<String> content, Optional<String> reasoningContent,
			List<CallDelta> toolCalls, Optional<Function> functionCall) {

		static final Delta END = new Delta(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.empty());

		static Delta begin() {
			return new Delta(Optional.of("assistant"), Optional.of(""), Optional.empty(), List.of(), Optional.empty());
		}

		static Delta text(String text) {
			return new Delta(Optional.empty(), Optional.of(text), Optional.empty(), List.of(), Optional.empty());
		}

		static Delta thought(String text) {
			return new Delta(Optional.empty(), Optional.empty(), Optional.of(text), List.of(), Optional.empty());
		}

		static Delta call(CallDelta call) {
			return new Delta(Optional.empty(), Optional.empty(), Optional.empty(), List.of(call), Optional.empty());
		}

		static Delta function(Function function) {
			return new Delta(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.of(function));
		}
	}

	/** A call begins, or goes on: then only its arguments are told. */
	record CallDelta(int index, @JsonInclude(Include.NON_ABSENT) Optional<String> id, @JsonInclude(Include.NON_ABSENT) Optional<String> type,
			Function function) {
	}

	record Likelihoods(List<Picked> content, Optional<Object> refusal) {

		record Picked(String token, float logprob, int[] bytes, List<Alternative> topLogprobs) {
		}

		record Alternative(String token, float logprob, int[] bytes) {
		}

		static Likelihoods of(List<PickedToken> tokens) {
			return new Likelihoods(tokens.stream().map(token -> new Picked(text(token.bytes()), finite(token.logprob()), unsigned(token.bytes()),
					token.top().stream().map(each -> new Alternative(text(each.bytes()), finite(each.logprob()), unsigned(each.bytes()))).toList()))
					.toList(), Optional.empty());
		}

		private static int[] unsigned(byte[] bytes) {
			var values = new int[bytes.length];
			for (int i = 0; i < bytes.length; i++)
				values[i] = Byte.toUnsignedInt(bytes[i]);
			return values;
		}
	}

	/** A token that is part of a character only shows as a replacement character; its bytes tell what it is. */
	static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

	/** JSON has no infinity; this is what the API says of a token that could not be. */
	static float finite(float logprob) {
		return Math.max(logprob, -9999);
	}

	@Override
	public Optional<Object> opening(int choice) {
		return Optional.of(delta(choice, Delta.begin()));
	}

	@Override
	public Object piece(int choice, String text, List<PickedToken> tokens) {
		return chunk(choice, Delta.text(text), likelihoods(tokens), Optional.empty(), Optional.empty());
	}

	@Override
	public Object thought(int choice, String text) {
		return delta(choice, Delta.thought(text));
	}

	@Override
	public Object called(int choice, int call, String id, String name) {
		var function = new Function(Optional.of(name), "");
		return delta(choice, functions ? Delta.function(function)
				: Delta.call(new CallDelta(call, Optional.of(id), Optional.of("function"), function)));
	}

	@Override
	public Object arguments(int choice, int call, String json) {
		var function = new Function(Optional.empty(), json);
		return delta(choice, functions ? Delta.function(function) : Delta.call(new CallDelta(call, Optional.empty(), Optional.empty(), function)));
	}

	private Chunk delta(int choice, Delta delta) {
		return chunk(choice, delta, Optional.empty(), Optional.empty(), Optional.empty());
	}

	@Override
	public Object ending(int choice, FinishReason reason, Optional<Spent> spent) {
		return chunk(choice, Delta.END, Optional.empty(), Optional.of(reason(reason)), spent);
	}

	private Chunk chunk(int choice, Delta delta, Optional<Likelihoods> logprobs, Optional<String> reason, Optional<Spent> spent) {
		return chunk(List.of(new PartChoice(choice, delta, logprobs, reason)), usage ? Optional.of(NullNode.instance) : Optional.empty(), spent);
	}

	@Override
	public Object usage(Spent spent) {
		return chunk(List.of(), Optional.of(spent.tokens()), Optional.of(spent));
	}

	private Chunk chunk(List<PartChoice> choices, Optional<Object> used, Optional<Spent> spent) {
		return new Chunk(heading.id(), "chat.completion.chunk", heading.created(), heading.model(), heading.fingerprint(), "default", choices,
				used, spent.map(Spent::times));
	}

	@Override
	public Object whole(List<Choice> choices, Spent spent) {
		return new Completion(heading.id(), "chat.completion", heading.created(), heading.model(), heading.fingerprint(), "default",
				choices.stream().map(choice -> new WholeChoice(choice.index(), message(choice), likelihoods(choice.tokens()), reason(choice.reason())))
						.toList(),
				spent.tokens(), spent.times());
	}

	private Message message(Choice choice) {
		List<ToolCall> calls = choice.calls().stream().map(call -> new ToolCall(call.id(), "function",
				new Function(Optional.of(call.name()), call.arguments()))).toList();
		return new Message("assistant", Optional.of(choice.text()).filter(text -> calls.isEmpty() || !text.isEmpty()), Optional.empty(), List.of(),
				Optional.of(choice.thoughts()).filter(thoughts -> !thoughts.isEmpty()), functions ? List.of() : calls,
				calls.stream().filter(_ -> functions).findFirst().map(ToolCall::function));
	}

	private String reason(FinishReason reason) {
		return functions && reason == FinishReason.TOOL_CALLS ? "function_call" : Wording.reason(reason);
	}

	private Optional<Likelihoods> likelihoods(List<PickedToken> tokens) {
		return likelihoods ? Optional.of(Likelihoods.of(tokens)) : Optional.empty();
	}
}
