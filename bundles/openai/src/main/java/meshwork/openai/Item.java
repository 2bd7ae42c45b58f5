package meshwork.openai;

import java.util.List;

/** What a response consists of. */
sealed interface Item {

	String id();

	/** What is said to the reader. */
	record Message(String id, String type, String status, List<Text> content, String role) implements Item {
		Message(String id, String status, List<Text> content) {
			this(id, "message", status, content, "assistant");
		}
	}

	/** The content of a message. */
	record Text(String type, String text, List<Object> annotations, List<ChatWording.Likelihoods.Picked> logprobs) {
		Text(String text, List<ChatWording.Likelihoods.Picked> logprobs) {
			this("output_text", text, List.of(), logprobs);
		}
	}

	/** What the model thinks before it speaks. */
	record Reasoning(String id, String type, String status, List<Object> summary, List<Thought> content) implements Item {
		Reasoning(String id, String status, List<Thought> content) {
			this(id, "reasoning", status, List.of(), content);
		}
	}

	/** The content of a thought. */
	record Thought(String type, String text) {
		Thought(String text) {
			this("reasoning_text", text);
		}
	}

	/** @param arguments JSON, unless the model was cut off */
	record Call(String id, String type, String status, String callId, String name, String arguments) implements Item {
		Call(String id, String status, String callId, String name, String arguments) {
			this(id, "function_call", status, callId, name, arguments);
		}
	}
}
