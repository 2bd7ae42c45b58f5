package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import meshwork.api.engine.Batch;
import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.Model;
import meshwork.api.engine.NoRoom;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SequenceMemory;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.TokenLikelihood;

/** Batches, token trees, and the memory of sequences. */
@RunsHere
class SessionTest {

	private static final int ALL = -1;

	private static LlamaEngine engine;
	private static Model model;
	private Session session;
	private SequenceMemory memory;

	@BeforeAll
	static void load() {
		engine = Natives.engine();
		model = Natives.starter(engine);
	}

	@AfterAll
	static void unload() {
		engine.close();
	}

	@BeforeEach
	void open() {
		session = model.open(SessionOptions.of(1024, 8));
		memory = session.memory();
	}

	@AfterEach
	void close() {
		session.close();
	}

	private static int[] tokens(String text) {
		return model.vocabulary().tokenize(text, true, true);
	}

	@Test
	void eightSequencesInOneBatchSayWhatEachSaysAlone() {
		List<int[]> prompts = Stream.of("Once upon a time", "The sum of 2 and 3 is", "SELECT name FROM", "public class", "def add(a, b):",
				"{\"name\": \"", "ERROR 2026-", "<svg width=").map(SessionTest::tokens).toList();
		List<Greedy> alone = new ArrayList<>();
		for (int[] prompt : prompts) {
			memory.clear();
			alone.add(Greedy.of(session, 0, prompt, 40));
		}
		memory.clear();

		List<List<Integer>> together = IntStream.range(0, 8).<List<Integer>>mapToObj(i -> new ArrayList<>()).toList();
		List<Sampler> samplers = IntStream.range(0, 8).mapToObj(i -> session.sampler(SamplerOptions.GREEDY)).toList();
		Batch batch = session.batch();
		int[] rows = new int[8];
		for (int step = 0; step < 40; step++) {
			batch.clear();
			for (int s = 0; s < 8; s++) {
				int[] prompt = prompts.get(s);
				int end = memory.end(s);
				if (step == 0)
					for (int i = 0; i < prompt.length; i++)
						rows[s] = batch.add(prompt[i], i, s);
				else
					rows[s] = batch.add(together.get(s).getLast(), end, s);
				batch.sample(rows[s], samplers.get(s));
			}
			session.decode();
			for (int s = 0; s < 8; s++) {
				assertEquals(1, batch.picked(rows[s]));
				together.get(s).add(batch.token(rows[s], 0));
			}
		}

		for (int s = 0; s < 8; s++)
			assertTrue(alone.get(s).agrees(together.get(s)), "sequence " + s + ": " + alone.get(s) + " / " + together.get(s));
	}

	@Test
	void theWalkOfATokenTreeIsWhatOneByOneGives() {
		int[] prompt = tokens("Once upon a time, there was a");
		Greedy plain = Greedy.of(session, 0, prompt, 12);
		memory.clear();

		// the first leaf guesses three tokens right and one wrong, the second parts from it after one, the third at once
		Greedy.prefill(session, 0, prompt);
		memory.copy(0, 1, 0, ALL);
		memory.copy(0, 2, 0, ALL);
		int position = prompt.length - 1;
		List<Integer> right = plain.tokens();
		Batch batch = session.batch();
		int root = batch.add(prompt[position], position, new int[] {0, 1, 2});
		int first = batch.add(right.get(0), position + 1, new int[] {0, 1});
		int stray = batch.add(other(right.get(0)), position + 1, 2);
		int second = batch.add(right.get(1), position + 2, 0);
		int branch = batch.add(other(right.get(1)), position + 2, 1);
		int third = batch.add(right.get(2), position + 3, 0);
		int wrong = batch.add(other(right.get(3)), position + 4, 0);
		batch.draft(first, root);
		batch.draft(stray, root);
		batch.draft(second, first);
		batch.draft(branch, first);
		batch.draft(third, second);
		batch.draft(wrong, third);
		try (Sampler sampler = session.sampler(SamplerOptions.GREEDY)) {
			batch.sample(root, sampler);
			session.decode();
		}

		assertEquals(4, batch.picked(root));
		assertEquals(right.subList(0, 4), IntStream.range(0, 4).map(i -> batch.token(root, i)).boxed().toList());
		assertEquals(List.of(root, first, second, third), IntStream.range(0, 4).map(i -> batch.source(root, i)).boxed().toList());
		assertEquals(0, batch.picked(first));

		// what was accepted stays, and the sequence goes on from there
		memory.remove(0, position + 4, ALL);
		memory.keep(0);
		assertEquals(0, memory.end(1));
		assertEquals(position + 4, memory.end(0));
		assertTrue(new Greedy(right.subList(4, 12), plain.margins().subList(4, 12))
				.agrees(Greedy.on(session, 0, right.get(3), position + 4, 8).tokens()));
	}

	private static int other(int token) {
		return token == 42 ? 43 : 42;
	}

	@Test
	void severalWalksShareABatch() {
		int[] a = tokens("Once upon a time");
		int[] b = tokens("The sum of");
		Batch batch = session.batch();
		int lastA = 0;
		int lastB = 0;
		for (int i = 0; i < a.length; i++)
			lastA = batch.add(a[i], i, 0);
		for (int i = 0; i < b.length; i++)
			lastB = batch.add(b[i], i, 1);
		try (Sampler one = session.sampler(SamplerOptions.GREEDY); Sampler two = session.sampler(SamplerOptions.GREEDY)) {
			batch.sample(lastB, one);
			batch.sample(lastA, two);
			session.decode();
		}

		assertEquals(argmax(session.logits(lastA)), batch.token(lastA, 0));
		assertEquals(argmax(session.logits(lastB)), batch.token(lastB, 0));
	}

	@Test
	void aSequenceThatIsSavedAndRestoredGoesOnUndisturbed() {
		int[] prompt = tokens("Once upon a time");
		Greedy plain = Greedy.of(session, 0, prompt, 30);
		memory.clear();
		Greedy begun = Greedy.of(session, 3, prompt, 10);

		try (Arena arena = Arena.ofConfined(); Session other = model.open(SessionOptions.of(512, 2))) {
			assertEquals(memory.format(), other.memory().format());
			MemorySegment state = arena.allocate(memory.bytes(3));
			assertEquals(state.byteSize(), memory.save(3, state));
			other.memory().restore(1, state);
			assertEquals(prompt.length + 9, other.memory().end(1));
			Greedy on = Greedy.on(other, 1, begun.tokens().getLast(), prompt.length + 9, 20);
			assertEquals(plain.tokens().subList(10, 30), on.tokens());
		}
	}

	@Test
	void aStateThatIsNoneIsRefused() {
		try (Arena arena = Arena.ofConfined()) {
			Greedy.of(session, 0, tokens("Once"), 1);
			MemorySegment half = arena.allocate(memory.bytes(0) / 2);
			assertThrows(EngineFailed.class, () -> memory.save(0, half));
			MemorySegment state = arena.allocate(memory.bytes(0));
			memory.save(0, state);
			assertThrows(EngineFailed.class, () -> memory.restore(1, state.asSlice(0, state.byteSize() / 2)));
			assertEquals(0, memory.end(1));
			assertThrows(EngineFailed.class, () -> memory.restore(1, arena.allocate(64)));
			assertEquals(0, memory.end(1));
		}
	}

	@Test
	void aCopyGoesItsOwnWay() {
		int[] prompt = tokens("Once upon a time");
		Greedy plain = Greedy.of(session, 0, prompt, 10);
		memory.clear();
		Greedy.prefill(session, 0, prompt);
		memory.copy(0, 5, 0, ALL);
		Greedy.on(session, 0, tokens("{")[0], prompt.length - 1, 5);

		assertEquals(prompt.length - 1, memory.end(5));
		assertTrue(plain.agrees(Greedy.on(session, 5, prompt[prompt.length - 1], prompt.length - 1, 10).tokens()));
	}

	@Test
	void whatIsRemovedWasNeverSaid() {
		int[] prompt = tokens("Once upon a time");
		Greedy plain = Greedy.of(session, 0, prompt, 10);

		assertTrue(memory.remove(0, prompt.length - 1, ALL));
		assertEquals(prompt.length - 1, memory.end(0));
		assertTrue(plain.agrees(Greedy.on(session, 0, prompt[prompt.length - 1], prompt.length - 1, 10).tokens()));
		assertTrue(memory.remove(0, 0, ALL));
		assertEquals(0, memory.end(0));
	}

	@Test
	void positionsThatAreShiftedCloseAGap() {
		Greedy.of(session, 0, tokens("Once upon a time there was a girl"), 5);
		int end = memory.end(0);

		memory.remove(0, 2, 4);
		memory.shift(0, 4, ALL, -2);

		assertEquals(end - 2, memory.end(0));
		Greedy.on(session, 0, 42, end - 2, 3);
		assertEquals(end + 1, memory.end(0));
	}

	@Test
	void aBatchThatFindsNoRoomChangesNothing() {
		try (Session small = model.open(new SessionOptions(256, 2, 256, 64, 0, 0))) {
			int room = small.options().context();
			fill(small, 0, room - 20);
			fill(small, 1, 10);
			Batch batch = small.batch();
			batch.clear();
			for (int i = 0; i < 20; i++)
				batch.add(42, 10 + i, 1);

			assertThrows(NoRoom.class, small::decode);
			assertEquals(room - 20, small.memory().end(0));
			assertEquals(10, small.memory().end(1));

			small.memory().remove(0, 0, ALL);
			small.decode();
			assertEquals(30, small.memory().end(1));
		}
	}

	private static void fill(Session session, int sequence, int count) {
		Batch batch = session.batch();
		batch.clear();
		for (int i = 0; i < count; i++)
			batch.add(i % 50 + 10, i, sequence);
		session.decode();
	}

	@Test
	void hiddenStatesComeBesideTheLogits() {
		int[] prompt = tokens("Once upon a time");
		float[] before = logitsAfter(prompt);
		memory.clear();

		session.hidden(true);
		float[] beside = logitsAfter(prompt);
		for (int row = 0; row < prompt.length; row++) {
			MemorySegment hidden = session.hidden(row);
			assertEquals(model.description().embedding(), hidden.byteSize() / Float.BYTES);
			assertTrue(norm(hidden) > 0);
			// every row of such a batch has an output
			assertEquals(model.vocabulary().size(), session.logits(row).byteSize() / Float.BYTES);
		}
		for (int i = 0; i < before.length; i++)
			assertEquals(before[i], beside[i], 1e-3f);

		session.hidden(false);
		memory.clear();
		logitsAfter(prompt);
		assertThrows(IllegalArgumentException.class, () -> session.logits(0));
	}

	private float[] logitsAfter(int[] prompt) {
		Batch batch = session.batch();
		batch.clear();
		for (int i = 0; i < prompt.length; i++)
			batch.add(prompt[i], i, 0);
		batch.output(prompt.length - 1);
		session.decode();
		return session.logits(prompt.length - 1).toArray(JAVA_FLOAT);
	}

	private static double norm(MemorySegment values) {
		double sum = 0;
		for (float value : values.toArray(JAVA_FLOAT))
			sum += value * value;
		return Math.sqrt(sum);
	}

	private static int argmax(MemorySegment logits) {
		float[] values = logits.toArray(JAVA_FLOAT);
		int best = 0;
		for (int i = 1; i < values.length; i++)
			if (values[i] > values[best])
				best = i;
		return best;
	}

	@Test
	void likelihoodsAreThoseOfASoftmax() {
		int[] prompt = tokens("Once upon a");
		float[] logits = logitsAfter(prompt);
		int row = prompt.length - 1;
		double sum = 0;
		for (float logit : logits)
			sum += Math.exp(logit);

		TokenLikelihood some = session.likelihood(row, 42, 5);
		assertEquals(logits[42] - Math.log(sum), some.logprob(), 1e-4);
		assertEquals(5, some.top().size());
		assertEquals(argmax(session.logits(row)), some.top().getFirst().token());
		for (int i = 1; i < 5; i++)
			assertTrue(some.top().get(i - 1).logprob() >= some.top().get(i).logprob());
		double all = session.likelihood(row, 0, logits.length).top().stream().mapToDouble(candidate -> Math.exp(candidate.logprob())).sum();
		assertEquals(1, all, 1e-4);
	}

	@Test
	void aStepAllocatesNothing() {
		var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		try (Sampler sampler = session.sampler(SamplerOptions.GREEDY)) {
			steps(sampler, 500);
			memory.clear();
			long before = threads.getCurrentThreadAllocatedBytes();
			steps(sampler, 500);
			long each = (threads.getCurrentThreadAllocatedBytes() - before) / 500;

			assertEquals(0, each, "bytes a step");
		}
	}

	private void steps(Sampler sampler, int count) {
		Batch batch = session.batch();
		int token = 42;
		for (int i = 0; i < count; i++) {
			batch.clear();
			int row = batch.add(token, i, 0);
			batch.sample(row, sampler);
			session.decode();
			token = batch.token(row, 0);
		}
	}

	@Test
	void whatWasClosedIsRefusedAndClosingTwiceDoesNothing() {
		Session other = model.open(SessionOptions.of(256, 1));
		Sampler sampler = other.sampler(SamplerOptions.GREEDY);
		MemorySegment logits;
		other.batch().add(42, 0, 0);
		other.batch().output(0);
		other.decode();
		logits = other.logits(0);
		other.close();
		other.close();
		sampler.close();
		sampler.close();
		other.interrupt();

		assertFalse(logits.scope().isAlive());
		assertThrows(IllegalStateException.class, () -> logits.get(JAVA_FLOAT, 0));
		assertThrows(IllegalStateException.class, () -> other.memory().end(0));
		assertThrows(IllegalStateException.class, () -> other.logits(0));
		assertThrows(EngineFailed.class, other::decode);
		assertThrows(IllegalStateException.class, () -> other.sampler(SamplerOptions.GREEDY));
	}
}
