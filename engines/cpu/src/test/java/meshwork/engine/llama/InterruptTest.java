package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import meshwork.api.engine.Batch;
import meshwork.api.engine.DecodeInterrupted;
import meshwork.api.engine.EngineException;
import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.Model;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** Ending, from another thread, what runs. */
@RunsHere
class InterruptTest {

	private static LlamaEngine engine;
	private static Model model;

	@BeforeAll
	static void load() {
		engine = Natives.engine();
		model = Natives.starter(engine);
	}

	@AfterAll
	static void unload() {
		engine.close();
	}

	@Test
	void aLongPrefillIsInterruptedAndTheSessionGoesOn() throws InterruptedException {
		try (Session session = model.open(SessionOptions.of(2048, 2))) {
			fill(session.batch(), session.batch().capacity());
			var over = new AtomicBoolean();
			// which moment of the decode is met does not matter, so it is tried until one is
			Thread interrupter = Thread.ofPlatform().start(() -> {
				while (!over.get())
					session.interrupt();
			});
			try {
				assertThrows(DecodeInterrupted.class, session::decode);
			} finally {
				over.set(true);
				interrupter.join();
			}

			session.memory().remove(0, 0, -1);
			assertEquals(0, session.memory().end(0));
			fill(session.batch(), 10);
			session.decode();
			assertEquals(10, session.memory().end(0));
		}
	}

	@Test
	void anInterruptWithoutADecodeDoesNothing() {
		try (Session session = model.open(SessionOptions.of(256, 1))) {
			session.interrupt();
			fill(session.batch(), 3);
			session.decode();
			assertEquals(3, session.memory().end(0));
		}
	}

	@Test
	void closingEndsTheDecodeThatRuns() throws InterruptedException {
		Session session = model.open(SessionOptions.of(2048, 1));
		var begun = new CountDownLatch(1);
		var failed = new AtomicBoolean();
		Thread decoding = Thread.ofPlatform().start(() -> {
			try {
				while (true) {
					session.memory().clear();
					fill(session.batch(), session.batch().capacity());
					begun.countDown();
					session.decode();
				}
			} catch (EngineException | IllegalStateException e) {
				failed.set(true);
			}
		});
		begun.await();
		session.close();
		decoding.join();

		assertTrue(failed.get());
	}

	@Test
	void closingTheModelClosesItsSessions() {
		Model another = Natives.starter(engine);
		Session session = another.open(SessionOptions.of(256, 1));
		another.close();
		another.close();

		assertThrows(EngineFailed.class, session::decode);
		assertThrows(IllegalStateException.class, () -> another.vocabulary().tokenize("a", false, false));
		assertThrows(IllegalStateException.class, () -> another.open(SessionOptions.of(256, 1)));
	}

	private static void fill(Batch batch, int count) {
		batch.clear();
		for (int i = 0; i < count; i++)
			batch.add(i % 50 + 10, i, 0);
	}
}
