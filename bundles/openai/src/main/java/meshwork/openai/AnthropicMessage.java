package meshwork.openai;

import java.util.List;
import java.util.Optional;

import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.Finished;
import meshwork.api.inference.GenerationEvent.Started;

/** A message of Anthropic's API, complete or as a stream begins it. */
record AnthropicMessage(String id, String type, String role, String model, List<Object> content, Optional<String> stopReason,
		Optional<String> stopSequence, Optional<Object> stopDetails, Optional<Object> container, Usage usage) {

	static AnthropicMessage of(Heading heading, List<Object> content, Optional<Stop> stop, Usage usage) {
		return new AnthropicMessage(heading.id(), "message", "assistant", heading.model(), content, stop.map(Stop::stopReason),
				stop.flatMap(Stop::stopSequence), Optional.empty(), Optional.empty(), usage);
	}

	record Text(String type, String text, Optional<Object> citations) {
		Text(String text) {
			this("text", text, Optional.empty());
		}
	}

	/** @param signature nobody here checks it, but clients leave out thoughts that have none */
	record Thinking(String type, String thinking, String signature) {

		static final String SIGNATURE = "meshwork";

		Thinking(String thinking, String signature) {
			this("thinking", thinking, signature);
		}
	}

	record ToolUse(String type, String id, String name, Object input, Caller caller) {

		record Caller(String type) {
		}

		ToolUse(String id, String name, Object input) {
			this("tool_use", id, name, input, new Caller("direct"));
		}
	}

	/** Why it ended. */
	record Stop(String stopReason, Optional<String> stopSequence, Optional<Object> stopDetails, Optional<Object> container) {

		/** @param most tokens that were asked for: fewer mean that the context is full */
		static Stop of(Finished finished, Done done, int most) {
			boolean stopped = finished.stop().isPresent();
			String reason = switch (finished.reason()) {
				case TOOL_CALLS -> "tool_use";
				case STOP -> stopped ? "stop_sequence" : "end_turn";
				case LENGTH -> done.usage().completionTokens() < most ? "model_context_window_exceeded" : "max_tokens";
			};
			return new Stop(reason, finished.stop().filter(_ -> reason.equals("stop_sequence")), Optional.empty(), Optional.empty());
		}
	}

	/** @param inputTokens those alone that had to be computed */
	record Usage(int inputTokens, int outputTokens, int cacheCreationInputTokens, int cacheReadInputTokens, Optional<Object> cacheCreation,
			OfOutput outputTokensDetails, Optional<Object> serverToolUse, Optional<Object> inferenceGeo, Optional<Object> speed, String serviceTier) {

		record OfOutput(int thinkingTokens) {
		}

		static Usage of(Started started) {
			return of(started.promptTokens(), started.cachedTokens(), 0, 0);
		}

		static Usage of(Done done) {
			return of(done.usage().promptTokens(), done.usage().cachedTokens(), done.usage().completionTokens(), done.usage().reasoningTokens());
		}

		private static Usage of(int prompt, int cached, int completion, int reasoning) {
			return new Usage(prompt - cached, completion, 0, cached, Optional.empty(), new OfOutput(reasoning), Optional.empty(), Optional.empty(),
					Optional.empty(), "standard");
		}
	}
}
