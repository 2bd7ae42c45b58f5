package meshwork.engine.plain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import meshwork.api.engine.DecodeInterrupted;
import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.NoRoom;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** What every author gets: the engine contract, around a network whose next token depends on all tokens before. */
class PlainEngineTest {

	private static final ModelFile FILE = new ModelFile("sum", List.of(Path.of("a.sum")), "a", 1);

	/** Says a digest of all that came before, so that a wrong cell anywhere is heard. */
	private static final class DigestEngine extends PlainEngine {
		Runnable before = () -> {
		};

		DigestEngine() {
			super("digest", "1", new ByteVocabulary("<end>"));
		}

		@Override
		protected NextToken read(ModelFile file) {
			return (tokens, logits) -> {
				before.run();
				logits[digest(tokens)] = 3;
			};
		}

		static int digest(IntBuffer tokens) {
			int digest = 7;
			for (int i = 0; i < tokens.limit(); i++)
				digest = digest * 31 + tokens.get(i);
			return Math.floorMod(digest ^ digest >>> 11, 256);
		}
	}

	private final DigestEngine engine = new DigestEngine();
	private final Model model = engine.load(FILE, LoadOptions.DEFAULT, share -> {
	});
	private final Session session = model.open(SessionOptions.of(64, 4));
	private final Sampler greedy = session.sampler(SamplerOptions.GREEDY);

	@AfterEach
	void close() {
		engine.close();
	}

	private int step(int sequence, Sampler sampler, int... tokens) {
		var batch = session.batch();
		batch.clear();
		int end = session.memory().end(sequence);
		int row = 0;
		for (int i = 0; i < tokens.length; i++)
			row = batch.add(tokens[i], end + i, sequence);
		batch.sample(row, sampler);
		session.decode();
		assertEquals(1, batch.picked(row));
		return batch.token(row, 0);
	}

	private static int digest(int... tokens) {
		return DigestEngine.digest(IntBuffer.wrap(tokens));
	}

	@Test
	void manySequencesShareABatchAndKeepTheirOwnMemory() {
		var batch = session.batch();
		int first = batch.add(1, 0, 0);
		batch.sample(first, greedy);
		batch.add(2, 0, 1);
		int second = batch.add(3, 1, 1);
		batch.sample(second, greedy);
		session.decode();
		assertEquals(digest(1), batch.token(first, 0));
		assertEquals(digest(2, 3), batch.token(second, 0));
		assertEquals(0, batch.picked(1));
	}

	@Test
	void whatIsCopiedRemovedAndShiftedIsWhatIsSeen() {
		step(0, greedy, 1, 2, 3);
		session.memory().copy(0, 1, 0, 2);
		session.memory().remove(0, 0, -1);
		assertEquals(0, session.memory().end(0));
		assertEquals(digest(1, 2, 9), step(1, greedy, 9));
		session.memory().remove(1, 1, 2);
		session.memory().shift(1, 2, -1, -1);
		assertEquals(2, session.memory().end(1));
		assertEquals(digest(1, 9, 5), step(1, greedy, 5));
	}

	@Test
	void aSavedSequenceGoesOnInAnotherSession() {
		step(2, greedy, 4, 5, 6);
		try (Arena arena = Arena.ofConfined(); var other = model.open(SessionOptions.of(16, 1))) {
			var state = arena.allocate(session.memory().bytes(2));
			assertEquals(state.byteSize(), session.memory().save(2, state));
			assertEquals(session.memory().format(), other.memory().format());
			other.memory().restore(0, state);
			other.batch().sample(other.batch().add(7, 3, 0), greedy);
			other.decode();
			assertEquals(digest(4, 5, 6, 7), other.batch().token(0, 0));
			assertThrows(EngineFailed.class, () -> other.memory().restore(0, state.asSlice(0, 8)));
			assertEquals(0, other.memory().end(0));
		}
	}

	@Test
	void aWalkGoesAsFarAlongTheTreeAsItsTokensArePicked() {
		step(0, greedy, 1);
		int next = digest(1, 2), after = digest(1, 2, next);
		session.memory().copy(0, 1, 0, -1);
		var batch = session.batch();
		batch.clear();
		int root = batch.add(2, 1, new int[] {0, 1});
		int wrong = batch.add((next + 1) % 256, 2, 0);
		int right = batch.add(next, 2, 1);
		batch.sample(root, greedy);
		batch.draft(wrong, root);
		batch.draft(right, root);
		session.decode();
		assertEquals(2, batch.picked(root));
		assertArrayEquals(new int[] {next, after}, new int[] {batch.token(root, 0), batch.token(root, 1)});
		assertArrayEquals(new int[] {root, right}, new int[] {batch.source(root, 0), batch.source(root, 1)});
	}

	@Test
	void aBatchThatDoesNotFitChangesNothing() {
		step(0, greedy, new int[60]);
		assertThrows(NoRoom.class, () -> step(1, greedy, 1, 2, 3, 4, 5));
		assertEquals(0, session.memory().end(1));
		step(1, greedy, 1, 2, 3, 4);
		session.memory().keep(1);
		step(1, greedy, new int[60]);
	}

	@Test
	void positionsThatDoNotFollowAreRefused() {
		session.batch().add(1, 3, 0);
		assertThrows(EngineFailed.class, session::decode);
	}

	@Test
	void anInterruptEndsTheRunningDecodeOnly() {
		session.interrupt();
		assertEquals(digest(1), step(0, greedy, 1));
		engine.before = session::interrupt;
		var batch = session.batch();
		batch.clear();
		batch.output(batch.add(2, 1, 0));
		batch.output(batch.add(3, 2, 0));
		assertThrows(DecodeInterrupted.class, session::decode);
		engine.before = () -> {
		};
		session.memory().remove(0, 1, -1);
		assertEquals(digest(1, 2), step(0, greedy, 2));
	}

	@Test
	void drawsFollowTheSeedAndACopyDrawsTheSame() {
		var hot = new SamplerOptions(List.of(new Stage.TopK(40), new Stage.TopP(0.99f, 1), new Stage.MinP(0.01f, 1),
				new Stage.Temperature(2)), 42);
		var one = session.sampler(hot);
		var same = session.sampler(hot);
		var other = session.sampler(new SamplerOptions(hot.stages(), 43));
		var drawn = new int[20];
		var again = new int[20];
		var different = new int[20];
		for (int i = 0; i < 20; i++) {
			session.memory().clear();
			drawn[i] = step(0, one, 1);
			again[i] = step(1, same, 1);
			different[i] = step(2, other, 1);
		}
		assertArrayEquals(drawn, again);
		assertFalse(Arrays.equals(drawn, different));
		session.memory().clear();
		assertEquals(step(0, one.copy(), 1), step(1, one, 1));
	}

	@Test
	void aSamplerThatIsToldWhatWasPickedGoesOnLikeTheOneThatPicked() {
		var hot = new SamplerOptions(List.of(new Stage.Temperature(2)), 42);
		var before = session.sampler(hot);
		var after = session.sampler(hot);
		for (int i = 0; i < 5; i++)
			after.replay(step(0, before, 1));
		session.memory().clear();
		for (int i = 0; i < 20; i++)
			assertEquals(step(0, before, i), step(1, after, i));
	}

	@Test
	void aStageThatIsNotThereIsRefusedByName() {
		var refused = assertThrows(IllegalArgumentException.class,
				() -> session.sampler(new SamplerOptions(List.of(new Stage.Mirostat(2, 5, 0.1f)), 0)));
		assertTrue(refused.getMessage().contains("Mirostat"), refused.getMessage());
	}

	@Test
	void likelihoodsAreThoseOfTheLogits() {
		step(0, greedy, 1);
		var likelihood = session.likelihood(0, digest(1), 2);
		double others = 256;
		assertEquals(3 - Math.log(Math.exp(3) + others), likelihood.logprob(), 1e-5);
		assertEquals(digest(1), likelihood.top().getFirst().token());
		assertEquals(-Math.log(Math.exp(3) + others), likelihood.top().getLast().logprob(), 1e-5);
	}

	@Test
	void anEngineThatStopsClosesWhatItOpened() {
		engine.close();
		assertThrows(EngineFailed.class, () -> step(0, greedy, 1));
		assertThrows(EngineFailed.class, () -> model.open(SessionOptions.of(8, 1)));
	}
}
