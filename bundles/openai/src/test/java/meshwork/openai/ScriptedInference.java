package meshwork.openai;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import meshwork.api.chat.Conversation;
import meshwork.api.inference.Activity;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.Finished;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationEvent.PickedToken.Alternative;
import meshwork.api.inference.GenerationEvent.Piece;
import meshwork.api.inference.GenerationEvent.Started;
import meshwork.api.inference.GenerationEvent.Thought;
import meshwork.api.inference.GenerationEvent.Timings;
import meshwork.api.inference.GenerationEvent.ToolArguments;
import meshwork.api.inference.GenerationEvent.ToolCalled;
import meshwork.api.inference.GenerationEvent.Usage;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException.ContextExceeded;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.InferenceException.Overloaded;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;
import meshwork.api.inference.Texts;

/** Inference without a model: what happens depends on the model that is asked for, each of which plays one part. */
final class ScriptedInference implements Inference, Models, Texts {

	/** Says {@code Hello, wörld!} in four tokens, as often as it is asked to. */
	static final String GOOD = "scripted";

	/** Thinks, and then says what the good one says. */
	static final String THINKING = "thinking";

	/** Thinks until its tokens are used up. */
	static final String PONDERING = "pondering";

	/** Thinks, and calls {@code weather} and {@code clock}. */
	static final String CALLING = "calling";

	/** Says something, and is cut off while it calls {@code weather}. */
	static final String CUT = "cut";

	/** Says a word, and then the stop that it is given. */
	static final String STOPPED = "stopped";

	/** Says three lines, the last of which is indented by less than the one before. */
	static final String CODING = "coding";

	/** Says lines without end. */
	static final String LINES = "lines";

	/** Never begins. */
	static final String STUCK = "stuck";

	/** Says a word, and the next when the reader is there. */
	static final String ENDLESS = "endless";

	/** Fails before it says anything. */
	static final String DEAD = "dead";

	/** Fails after two words. */
	static final String BROKEN = "broken";

	static final String LOADING = "loading";
	static final String BUSY = "busy";
	static final String SMALL = "small";

	/** Has room for three messages, a hundred tokens each. */
	static final String NARROW = "narrow";

	static final String PICKY = "picky";

	private static final List<String> WORDS = List.of("Hello", ",", " wörld", "!");

	final List<GenerationRequest> requests = new CopyOnWriteArrayList<>();
	final List<ServedModel> served = new CopyOnWriteArrayList<>();
	final List<Activity> activities = new CopyOnWriteArrayList<>();
	final CountDownLatch started = new CountDownLatch(1);
	final CountDownLatch cancelled = new CountDownLatch(1);

	GenerationRequest last() {
		return requests.getLast();
	}

	static ServedModel model(String id, State state) {
		return new ServedModel(id, ModelSettings.of(Path.of(id + ".gguf")), state, state == State.LOADING ? 0.5 : 1, Optional.empty(),
				Instant.ofEpochSecond(1_700_000_000), state == State.READY ? Optional.of(new ServedModel.Facts("Scripted", "qwen3moe", 4_000_000,
						8_000_000, 9_000_000, 4096, 2048, 1024, 8, "script 1.0")) : Optional.empty());
	}

	@Override
	public Generation generate(GenerationRequest request) {
		Script script = switch (request.model()) {
			case GOOD -> new Spoken(request, false);
			case BROKEN -> new Spoken(request, true);
			case THINKING -> Told.of(request, FinishReason.STOP, 2, thought("Let me "), thought("see."), piece("Hello, "), piece("wörld!"));
			case PONDERING -> Told.of(request, FinishReason.LENGTH, 2, thought("Let me "), thought("see"));
			case CALLING -> Told.of(request, FinishReason.TOOL_CALLS, 1, thought("Hm."), called(0, "call_1", "weather"), argues(0, "{\"city\":"),
					argues(0, "\"Bern\"}"), called(1, "call_2", "clock"), argues(1, "{}"));
			case CUT -> Told.of(request, FinishReason.LENGTH, 0, piece("I ask."), called(0, "call_1", "weather"), argues(0, "{\"city\":"));
			case STOPPED -> Told.of(new Started(5, 0), new Piece(0, "Hello", List.of()),
					new Finished(0, FinishReason.STOP, Optional.of(request.stops().getFirst())), new Done(new Usage(5, 0, 2, 0), new Timings(1, 3, 20)));
			case CODING -> Told.of(request, FinishReason.STOP, 0, piece("a {\n"), piece("  b"), piece(";\n }\n"), piece("c"));
			case LINES -> () -> new Piece(0, "a line\n", List.of());
			case DEAD -> () -> {
				throw new GenerationFailed("the engine died");
			};
			case STUCK -> new Stuck();
			case ENDLESS -> () -> new Piece(0, "word ", List.of());
			case LOADING -> throw new ModelNotReady("the model 'loading' is loading (50 %)");
			case BUSY -> throw new Overloaded("8 requests wait already", Duration.ofSeconds(7));
			case NARROW -> narrow(request);
			case SMALL -> throw new ContextExceeded(5000, 4096);
			case PICKY -> throw new InvalidRequest("logit_bias", "there is no token 99999");
			default -> throw new ModelUnknown(request.model(), List.of(GOOD));
		};
		requests.add(request);
		started.countDown();
		return new Scripted(script);
	}

	private static Script narrow(GenerationRequest request) {
		int messages = ((Prompt.Chat) request.prompt()).conversation().messages().size();
		if (messages > 3)
			throw new ContextExceeded(100 * messages, 300);
		return new Spoken(request, false);
	}

	@Override
	public int countTokens(String model, Prompt prompt) {
		return 5;
	}

	@Override
	public List<ServedModel> list() {
		return served;
	}

	@Override
	public Optional<ServedModel> find(String id) {
		return served.stream().filter(model -> model.id().equals(id)).findFirst();
	}

	@Override
	public ServedModel load(ModelSettings settings) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void unload(String id) {
		throw new UnsupportedOperationException();
	}

	@Override
	public List<Activity> activity() {
		return activities;
	}

	/** A token is a byte, but for 256, which is called {@code <end>}, and 257, which begins. */
	@Override
	public int[] tokenize(String model, String text, boolean special, boolean begin) {
		var tokens = IntStream.builder();
		if (begin)
			tokens.add(257);
		String[] pieces = special ? text.split("<end>", -1) : new String[] { text };
		for (int i = 0; i < pieces.length; i++) {
			if (i > 0)
				tokens.add(256);
			for (byte b : pieces[i].getBytes(StandardCharsets.UTF_8))
				tokens.add(Byte.toUnsignedInt(b));
		}
		return tokens.build().toArray();
	}

	@Override
	public byte[] bytes(String model, int token, boolean special) {
		if (token < 0 || token > 257)
			throw new InvalidRequest("tokens", "there is no token " + token);
		if (token < 256)
			return new byte[] { (byte) token };
		return (special ? token == 256 ? end(model) : begin(model) : "").getBytes(StandardCharsets.UTF_8);
	}

	@Override
	public String render(String model, Conversation conversation) {
		return conversation.messages().stream().map(message -> message.role() + ": " + message.text() + "\n").collect(Collectors.joining());
	}

	@Override
	public String template(String model) {
		return "{{ messages }}";
	}

	@Override
	public String begin(String model) {
		return "<begin>";
	}

	@Override
	public String end(String model) {
		return "<end>";
	}

	private static IntFunction<GenerationEvent> thought(String text) {
		return choice -> new Thought(choice, text);
	}

	private static IntFunction<GenerationEvent> piece(String text) {
		return choice -> new Piece(choice, text, List.of());
	}

	private static IntFunction<GenerationEvent> called(int call, String id, String name) {
		return choice -> new ToolCalled(choice, call, choice == 0 ? id : id + "_" + choice, name);
	}

	private static IntFunction<GenerationEvent> argues(int call, String json) {
		return choice -> new ToolArguments(choice, call, json);
	}

	private interface Script {
		GenerationEvent next() throws InterruptedException;
	}

	private static final class Stuck implements Script {
		@Override
		public GenerationEvent next() throws InterruptedException {
			new CountDownLatch(1).await();
			throw new AssertionError();
		}
	}

	/** Choices take turns, an event each. */
	private record Told(Queue<GenerationEvent> events) implements Script {

		@SafeVarargs
		static Told of(GenerationRequest request, FinishReason reason, int reasoningTokens, IntFunction<GenerationEvent>... told) {
			var events = new ArrayDeque<GenerationEvent>();
			events.add(new Started(5, 2));
			for (IntFunction<GenerationEvent> each : told)
				for (int choice = 0; choice < request.choices(); choice++)
					events.add(each.apply(choice));
			for (int choice = 0; choice < request.choices(); choice++)
				events.add(new Finished(choice, reason, Optional.empty()));
			events.add(new Done(new Usage(5, 2, 10 * request.choices(), reasoningTokens * request.choices()), new Timings(1, 3, 20)));
			return new Told(events);
		}

		static Told of(GenerationEvent... events) {
			return new Told(new ArrayDeque<>(List.of(events)));
		}

		@Override
		public GenerationEvent next() {
			return events.remove();
		}
	}

	/** Choices take turns, a token each. */
	private static final class Spoken implements Script {

		private final Queue<GenerationEvent> events = new ArrayDeque<>();
		private final boolean breaks;

		Spoken(GenerationRequest request, boolean breaks) {
			this.breaks = breaks;
			int words = Math.min(WORDS.size(), request.maxTokens().orElse(WORDS.size()));
			events.add(new Started(5, 2));
			for (int word = 0; word < (breaks ? 2 : words); word++)
				for (int choice = 0; choice < request.choices(); choice++)
					events.add(new Piece(choice, WORDS.get(word), picked(request, word)));
			if (breaks)
				return;
			for (int choice = 0; choice < request.choices(); choice++)
				events.add(new Finished(choice, words < WORDS.size() ? FinishReason.LENGTH : FinishReason.STOP, Optional.empty()));
			events.add(new Done(new Usage(5, 2, words * request.choices(), 0), new Timings(1, 3, 20)));
		}

		private static List<PickedToken> picked(GenerationRequest request, int word) {
			if (request.likelihoods().isEmpty())
				return List.of();
			var top = new ArrayList<Alternative>();
			for (int i = 0; i < request.likelihoods().get(); i++)
				top.add(new Alternative(100 + i, ("t" + i).getBytes(StandardCharsets.UTF_8), i == 0 ? -0.5f : Float.NEGATIVE_INFINITY));
			return List.of(new PickedToken(word, WORDS.get(word).getBytes(StandardCharsets.UTF_8), -0.25f, top));
		}

		@Override
		public GenerationEvent next() {
			if (breaks && events.isEmpty())
				throw new GenerationFailed("the engine died");
			return events.remove();
		}
	}

	/** As the contract has it: whoever waits when it is closed is told. */
	private final class Scripted implements Generation {

		private final Script script;
		private volatile boolean closed;
		private volatile Optional<Thread> reader = Optional.empty();
		private boolean done;

		Scripted(Script script) {
			this.script = script;
		}

		@Override
		public GenerationEvent next() throws InterruptedException {
			if (done)
				throw new IllegalStateException("this generation has ended");
			reader = Optional.of(Thread.currentThread());
			try {
				if (closed)
					throw new GenerationFailed("the generation was closed");
				GenerationEvent event = script.next();
				done = event instanceof Done;
				return event;
			} catch (InterruptedException e) {
				if (!closed)
					throw e;
				throw new GenerationFailed("the generation was closed");
			} finally {
				reader = Optional.empty();
			}
		}

		@Override
		public void close() {
			closed = true;
			reader.filter(thread -> thread != Thread.currentThread()).ifPresent(Thread::interrupt);
			if (!done)
				cancelled.countDown();
		}
	}
}
