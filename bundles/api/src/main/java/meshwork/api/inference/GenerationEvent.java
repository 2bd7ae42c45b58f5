package meshwork.api.inference;

import java.util.List;
import java.util.Optional;

/** What happens in a generation, in order: one {@link Started}, pieces and an end for each choice, one {@link Done}. */
public sealed interface GenerationEvent {

	/**
	 * The prompt is being read.
	 *
	 * @param cachedTokens those of the prompt that need not be computed
	 */
	record Started(int promptTokens, int cachedTokens) implements GenerationEvent {
	}

	/**
	 * Some more text of a choice: whole characters only. In a conversation this is what the model says to its reader.
	 *
	 * @param tokens the tokens that were picked since the last piece, if the request asks for likelihoods; text may lag behind
	 *        them
	 */
	record Piece(int choice, String text, List<PickedToken> tokens) implements GenerationEvent {
		public Piece {
			tokens = List.copyOf(tokens);
		}
	}

	/** Some more of what the model thinks before it speaks. */
	record Thought(int choice, String text) implements GenerationEvent {
	}

	/**
	 * A choice calls a tool.
	 *
	 * @param call 0 for the first call of the choice, and so on
	 * @param id names the call
	 */
	record ToolCalled(int choice, int call, String id, String name) implements GenerationEvent {
	}

	/** Some more of the arguments of a call, which are JSON. */
	record ToolArguments(int choice, int call, String json) implements GenerationEvent {
	}

	/** A choice is complete. */
	record Finished(int choice, FinishReason reason, Optional<String> stop) implements GenerationEvent {
	}

	/** All choices are complete. */
	record Done(Usage usage, Timings timings) implements GenerationEvent {
	}

	/** Why a choice ended. */
	enum FinishReason {
		/** The model said its end token, or one of the request's stops. */
		STOP,
		/** The most tokens that were asked for, or the end of the context. */
		LENGTH,
		/** The model called tools, and waits for what they say. */
		TOOL_CALLS
	}

	/**
	 * A token that was picked.
	 *
	 * @param bytes what it stands for; a character may be spread over several tokens
	 * @param logprob natural logarithm of its probability
	 * @param top the likeliest tokens at that place, likeliest first
	 */
	record PickedToken(int token, byte[] bytes, float logprob, List<Alternative> top) {
		public PickedToken {
			top = List.copyOf(top);
		}

		/** A token that could have been picked. */
		public record Alternative(int token, byte[] bytes, float logprob) {
		}
	}

	/**
	 * Tokens used, over all choices.
	 *
	 * @param cachedTokens those of the prompt that had not to be computed
	 * @param reasoningTokens those of the completion that are thoughts
	 */
	record Usage(int promptTokens, int cachedTokens, int completionTokens, int reasoningTokens) {
	}

	/**
	 * Where the time went, in milliseconds.
	 *
	 * @param queued_ms waiting for a place
	 * @param prompt_ms from there to the first token
	 * @param predicted_ms from the first token to the last
	 */
	record Timings(double queued_ms, double prompt_ms, double predicted_ms) {
	}
}
