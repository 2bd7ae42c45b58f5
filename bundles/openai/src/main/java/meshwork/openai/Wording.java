package meshwork.openai;

import java.util.List;
import java.util.Optional;

import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;

/** How a part of the API words what happens; everything that it returns becomes JSON. */
interface Wording {

	/** A choice begins, if that is said at all. */
	Optional<Object> opening(int choice);

	/** A choice goes on. */
	Object piece(int choice, String text, List<PickedToken> tokens);

	/** A choice goes on to think; as the two that follow, in conversations only. */
	default Object thought(int choice, String text) {
		throw new IllegalStateException("thoughts belong to conversations");
	}

	/** A choice calls a tool. */
	default Object called(int choice, int call, String id, String name) {
		throw new IllegalStateException("calls belong to conversations");
	}

	/** A choice goes on with the arguments of a call. */
	default Object arguments(int choice, int call, String json) {
		throw new IllegalStateException("calls belong to conversations");
	}

	/** A choice is complete; with the times if it was the last. */
	Object ending(int choice, FinishReason reason, Optional<Spent> spent);

	/** All is complete: what a client gets that asked for usage. */
	Object usage(Spent spent);

	/** Everything at once. */
	Object whole(List<Choice> choices, Spent spent);

	/** A complete choice. */
	record Choice(int index, String text, String thoughts, List<Call> calls, List<PickedToken> tokens, FinishReason reason) {
	}

	/** @param arguments JSON, unless the model was cut off */
	record Call(String id, String name, String arguments) {
	}

	/** The API's word for it. */
	static String reason(FinishReason reason) {
		return switch (reason) {
			case STOP -> "stop";
			case LENGTH -> "length";
			case TOOL_CALLS -> "tool_calls";
		};
	}
}
