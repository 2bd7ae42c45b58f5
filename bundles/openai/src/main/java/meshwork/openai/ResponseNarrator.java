package meshwork.openai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.openai.ChatWording.Likelihoods;
import meshwork.openai.Reply.Status;
import tools.jackson.databind.node.ObjectNode;

/** Tells of a generation as a response: items are begun, go on and are done, and each of that is an event. For one thread. */
final class ResponseNarrator {

	/** Where events go. */
	interface Listener {

		/** For whoever only wants to know the end. */
		Listener NONE = (_, _) -> {
		};

		void happened(String type, Map<String, Object> event) throws IOException;
	}

	/** Is given the response before its end is told. */
	interface Keeper {
		void keep(ObjectNode response);
	}

	private final Reply reply;
	private final Keeper keeper;
	private final Listener listener;
	private final List<Item> output = new ArrayList<>();
	private Optional<Open> open = Optional.empty();
	private FinishReason reason = FinishReason.STOP;
	private long events;

	ResponseNarrator(Reply reply, Keeper keeper, Listener listener) {
		this.reply = reply;
		this.keeper = keeper;
		this.listener = listener;
	}

	private void tell(String type, Object... members) throws IOException {
		var event = new LinkedHashMap<String, Object>();
		event.put("type", type);
		event.put("sequence_number", events++);
		for (int i = 0; i < members.length; i += 2)
			event.put((String) members[i], members[i + 1]);
		listener.happened(type, event);
	}

	/** Tells of a response that waits to begin. */
	ObjectNode queued() throws IOException {
		ObjectNode queued = reply.as(Status.QUEUED, List.of());
		tell("response.created", "response", queued);
		tell("response.queued", "response", queued);
		return queued;
	}

	/**
	 * Tells of a generation to its end.
	 *
	 * @return the response
	 * @throws meshwork.api.inference.InferenceException when the generation broke off
	 */
	ObjectNode tell(Generation generation) throws IOException, InterruptedException {
		while (true)
			switch (generation.next()) {
				case GenerationEvent.Started _ -> begin();
				case GenerationEvent.Piece(_, String text, List<PickedToken> tokens) -> {
					if (!text.isEmpty() || !tokens.isEmpty())
						say(text, tokens);
				}
				case GenerationEvent.Thought(_, String text) -> item(Thinking.class, Thinking::new).add(text);
				case GenerationEvent.ToolCalled(_, _, String id, String name) -> open(new Calling(id, name));
				case GenerationEvent.ToolArguments(_, _, String json) -> item(Calling.class, () -> {
					throw new IllegalStateException("arguments without a call");
				}).add(json);
				case GenerationEvent.Finished finished -> reason = finished.reason();
				case GenerationEvent.Done done -> {
					return end(Spent.NOTHING.and(done));
				}
			}
	}

	private void begin() throws IOException {
		ObjectNode begun = reply.as(Status.IN_PROGRESS, List.of());
		if (events == 0)
			tell("response.created", "response", begun);
		tell("response.in_progress", "response", begun);
	}

	private void say(String text, List<PickedToken> tokens) throws IOException {
		item(Speaking.class, Speaking::new).add(text, Likelihoods.of(tokens).content());
	}

	private ObjectNode end(Spent spent) throws IOException {
		if (output.isEmpty() && open.isEmpty())
			open(new Speaking());
		boolean whole = reason != FinishReason.LENGTH;
		close(whole ? Status.COMPLETED : Status.INCOMPLETE);
		ObjectNode response = reply.as(whole ? Status.COMPLETED : Status.INCOMPLETE, output);
		if (!whole)
			response.putObject("incomplete_details").put("reason", "max_output_tokens");
		response.putPOJO("usage", spent.ofResponse());
		keeper.keep(response);
		tell(whole ? "response.completed" : "response.incomplete", "response", response);
		return response;
	}

	/** Tells that it broke off, after what there was. */
	ObjectNode failed(String message) throws IOException {
		ObjectNode response = reply.as(Status.FAILED, output);
		response.putObject("error").put("code", "server_error").put("message", message);
		keeper.keep(response);
		tell("response.failed", "response", response);
		return response;
	}

	/** What it had said when it was cancelled, of which there is no event. */
	ObjectNode cancelled() {
		ObjectNode response = reply.as(Status.CANCELLED, output);
		keeper.keep(response);
		return response;
	}

	private interface Beginner<T> {
		T begin();
	}

	/** The item that is open, if it is of this kind, or a new one. */
	private <T extends Open> T item(Class<T> kind, Beginner<T> beginner) throws IOException {
		if (open.isEmpty() || !kind.isInstance(open.get()))
			open(beginner.begin());
		return kind.cast(open.orElseThrow());
	}

	private void open(Open next) throws IOException {
		close(Status.COMPLETED);
		open = Optional.of(next);
		next.begin();
	}

	private void close(Status status) throws IOException {
		if (open.isEmpty())
			return;
		Item item = open.get().end(status);
		tell("response.output_item.done", "output_index", output.size(), "item", item);
		output.add(item);
		open = Optional.empty();
	}

	/** An item that is not complete; it comes after those that are. */
	private abstract class Open {

		final String id;
		final StringBuilder text = new StringBuilder();

		Open(String prefix) {
			id = Heading.name(prefix);
		}

		abstract void begin() throws IOException;

		abstract Item end(Status status) throws IOException;

		final void added(Item item) throws IOException {
			ResponseNarrator.this.tell("response.output_item.added", "output_index", output.size(), "item", item);
		}

		/** Tells something of the item's only part. */
		final void part(String type, Object... more) throws IOException {
			var members = new ArrayList<Object>(List.of("item_id", id, "output_index", output.size(), "content_index", 0));
			members.addAll(List.of(more));
			ResponseNarrator.this.tell(type, members.toArray());
		}
	}

	private final class Speaking extends Open {

		private final List<Likelihoods.Picked> tokens = new ArrayList<>();

		Speaking() {
			super("msg_");
		}

		@Override
		void begin() throws IOException {
			added(new Item.Message(id, Status.IN_PROGRESS.toString(), List.of()));
			part("response.content_part.added", "part", new Item.Text("", List.of()));
		}

		void add(String more, List<Likelihoods.Picked> picked) throws IOException {
			text.append(more);
			tokens.addAll(picked);
			part("response.output_text.delta", "delta", more, "logprobs", picked);
		}

		@Override
		Item end(Status status) throws IOException {
			var said = new Item.Text(text.toString(), List.copyOf(tokens));
			part("response.output_text.done", "text", said.text(), "logprobs", said.logprobs());
			part("response.content_part.done", "part", said);
			return new Item.Message(id, status.toString(), List.of(said));
		}
	}

	private final class Thinking extends Open {

		Thinking() {
			super("rs_");
		}

		@Override
		void begin() throws IOException {
			added(new Item.Reasoning(id, Status.IN_PROGRESS.toString(), List.of()));
			part("response.content_part.added", "part", new Item.Thought(""));
		}

		void add(String more) throws IOException {
			text.append(more);
			part("response.reasoning_text.delta", "delta", more);
		}

		@Override
		Item end(Status status) throws IOException {
			var thought = new Item.Thought(text.toString());
			part("response.reasoning_text.done", "text", thought.text());
			part("response.content_part.done", "part", thought);
			return new Item.Reasoning(id, status.toString(), List.of(thought));
		}
	}

	private final class Calling extends Open {

		private final String call;
		private final String name;

		Calling(String call, String name) {
			super("fc_");
			this.call = call;
			this.name = name;
		}

		@Override
		void begin() throws IOException {
			added(new Item.Call(id, Status.IN_PROGRESS.toString(), call, name, ""));
		}

		void add(String more) throws IOException {
			text.append(more);
			ResponseNarrator.this.tell("response.function_call_arguments.delta", "item_id", id, "output_index", output.size(), "delta", more);
		}

		@Override
		Item end(Status status) throws IOException {
			ResponseNarrator.this.tell("response.function_call_arguments.done", "item_id", id, "output_index", output.size(), "name", name, "arguments",
					text.toString());
			return new Item.Call(id, status.toString(), call, name, text.toString());
		}
	}
}
