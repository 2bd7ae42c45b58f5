package meshwork.openai;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.Finished;
import meshwork.api.inference.GenerationEvent.Started;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;

/** Has a message generated and tells a client of Anthropic's API of it, as it happens or in the end; one that goes away cancels it. */
final class AnthropicNarrator {

	private final Exchange exchange;
	private final AnthropicWish wish;
	private final Heading heading;
	private final Optional<EventStream> stream;
	private final List<Block> blocks = new ArrayList<>();
	private Optional<Finished> finished = Optional.empty();

	AnthropicNarrator(Exchange exchange, AnthropicWish wish, Heading heading) {
		this.exchange = exchange;
		this.wish = wish;
		this.heading = heading;
		stream = wish.stream() ? Optional.of(new EventStream(exchange)) : Optional.empty();
	}

	/** What a stream tells, each by its type. */
	private record MessageStart(String type, AnthropicMessage message) {
	}

	private record BlockStart(String type, int index, Object contentBlock) {
	}

	private record BlockDelta(String type, int index, Object delta) {
	}

	private record BlockStop(String type, int index) {
	}

	private record MessageDelta(String type, AnthropicMessage.Stop delta, AnthropicMessage.Usage usage) {
	}

	private record Mark(String type) {
	}

	private record TextDelta(String type, String text) {
	}

	private record ThinkingDelta(String type, String thinking) {
	}

	private record SignatureDelta(String type, String signature) {
	}

	private record InputDelta(String type, String partialJson) {
	}

	/** A block of the message, to which more may be added. */
	private sealed interface Block {

		Object begun();

		Object more(String text);

		/** As it is in the end. */
		Object whole();
	}

	private record Text(StringBuilder said) implements Block {

		@Override
		public Object begun() {
			return new AnthropicMessage.Text("");
		}

		@Override
		public Object more(String text) {
			said.append(text);
			return new TextDelta("text_delta", text);
		}

		@Override
		public Object whole() {
			return new AnthropicMessage.Text(said.toString());
		}
	}

	private record Thinking(StringBuilder thought) implements Block {

		@Override
		public Object begun() {
			return new AnthropicMessage.Thinking("", "");
		}

		@Override
		public Object more(String text) {
			thought.append(text);
			return new ThinkingDelta("thinking_delta", text);
		}

		@Override
		public Object whole() {
			return new AnthropicMessage.Thinking(thought.toString(), AnthropicMessage.Thinking.SIGNATURE);
		}
	}

	private record Call(String id, String name, StringBuilder arguments) implements Block {

		@Override
		public Object begun() {
			return new AnthropicMessage.ToolUse(id, name, Map.of());
		}

		@Override
		public Object more(String json) {
			arguments.append(json);
			return new InputDelta("input_json_delta", json);
		}

		/** A call that was cut off has no input: the reason why the message ended tells it. */
		@Override
		public Object whole() {
			try {
				return new AnthropicMessage.ToolUse(id, name, Json.read(arguments.toString().getBytes(StandardCharsets.UTF_8)));
			} catch (Refusal e) {
				return begun();
			}
		}
	}

	/** @throws Refusal when nothing was told yet */
	void tell(Inference inference) throws IOException, InterruptedException {
		try (Generation generation = Noted.of(inference.generate(wish.request()), exchange.request(), wish.request().model())) {
			exchange.whenGone(generation::close);
			GenerationEvent event;
			do {
				event = generation.next();
				take(event);
			} while (!(event instanceof Done));
		} catch (InferenceException e) {
			Refusal refusal = Refusal.of(e, "messages");
			if (stream.isEmpty() || !stream.get().begun())
				throw refusal;
			stream.get().send("error", AnthropicFault.of(refusal, exchange.id()));
			stream.get().end();
		}
	}

	private void take(GenerationEvent event) throws IOException {
		switch (event) {
			case Started started -> begin(started);
			case GenerationEvent.Thought(_, String text) -> {
				if (wish.thoughts())
					more(Thinking.class, new Thinking(new StringBuilder()), text);
			}
			case GenerationEvent.Piece(_, String text, _) -> {
				if (!text.isEmpty())
					more(Text.class, new Text(new StringBuilder()), text);
			}
			case GenerationEvent.ToolCalled(_, _, String id, String name) -> open(new Call(id, name, new StringBuilder()));
			case GenerationEvent.ToolArguments(_, _, String json) -> delta(blocks.getLast().more(json));
			case Finished end -> finished = Optional.of(end);
			case Done done -> end(done);
		}
	}

	private void begin(Started started) throws IOException {
		send("message_start", type -> new MessageStart(type, AnthropicMessage.of(heading, List.of(), Optional.empty(), AnthropicMessage.Usage.of(started))));
		send("ping", Mark::new);
	}

	private void more(Class<? extends Block> kind, Block fresh, String text) throws IOException {
		if (blocks.isEmpty() || !kind.isInstance(blocks.getLast()))
			open(fresh);
		delta(blocks.getLast().more(text));
	}

	private void open(Block block) throws IOException {
		close();
		blocks.add(block);
		send("content_block_start", type -> new BlockStart(type, blocks.size() - 1, block.begun()));
	}

	private void delta(Object delta) throws IOException {
		send("content_block_delta", type -> new BlockDelta(type, blocks.size() - 1, delta));
	}

	private void close() throws IOException {
		if (blocks.isEmpty())
			return;
		if (blocks.getLast() instanceof Thinking)
			delta(new SignatureDelta("signature_delta", AnthropicMessage.Thinking.SIGNATURE));
		send("content_block_stop", type -> new BlockStop(type, blocks.size() - 1));
	}

	private void end(Done done) throws IOException {
		close();
		var stop = AnthropicMessage.Stop.of(finished.orElseThrow(), done, wish.most());
		var usage = AnthropicMessage.Usage.of(done);
		if (stream.isEmpty()) {
			exchange.answer(200, AnthropicMessage.of(heading, blocks.stream().map(Block::whole).toList(), Optional.of(stop), usage));
			return;
		}
		send("message_delta", type -> new MessageDelta(type, stop, usage));
		send("message_stop", Mark::new);
		stream.get().end();
	}

	/** An event says its name twice. */
	private void send(String type, Function<String, Object> event) throws IOException {
		if (stream.isPresent())
			stream.get().send(type, event.apply(type));
	}
}
