package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.util.List;

import org.junit.jupiter.api.Test;

import meshwork.api.engine.Engine;
import meshwork.api.engine.Model;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** The binding, loaded anew beside itself, as an update of its bundle does. */
@RunsHere
class UpdateTest {

	/** Loads the binding itself, and leaves everything else to the loader of the tests. */
	private static final class Version extends ClassLoader {

		private static final String BINDING = "meshwork.engine.llama.";

		Version() {
			super(UpdateTest.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (!name.startsWith(BINDING))
				return super.loadClass(name, resolve);
			synchronized (getClassLoadingLock(name)) {
				Class<?> loaded = findLoadedClass(name);
				return loaded == null ? define(name) : loaded;
			}
		}

		private Class<?> define(String name) throws ClassNotFoundException {
			try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
				byte[] bytes = in.readAllBytes();
				return defineClass(name, bytes, 0, bytes.length);
			} catch (IOException e) {
				throw new ClassNotFoundException(name, e);
			}
		}

		Engine engine() throws ReflectiveOperationException {
			Method open = loadClass(Natives.class.getName()).getDeclaredMethod("engine");
			open.setAccessible(true);
			return (Engine) open.invoke(null);
		}
	}

	@Test
	void anUpdateRunsOnTheSameLibrariesAndTheOldOneIsForgotten() throws Exception {
		var version = new Version();
		Engine older = version.engine();
		Engine newer = new Version().engine();
		assertNotSame(older.getClass(), newer.getClass());

		assertEquals(says(older), says(newer));
		((AutoCloseable) older).close();
		List<Integer> after = says(newer);
		((AutoCloseable) newer).close();

		assertEquals(20, after.size());
		var forgotten = new WeakReference<>(version);
		version = null;
		older = null;
		for (int i = 0; i < 100 && forgotten.get() != null; i++) {
			System.gc();
			Thread.sleep(20);
		}
		assertNull(forgotten.get(), "something of the old version is still held");
	}

	private static List<Integer> says(Engine engine) {
		try (Model model = Natives.starter(engine); Session session = model.open(SessionOptions.of(256, 1))) {
			return Greedy.of(session, 0, model.vocabulary().tokenize("Once upon a time", true, true), 20).tokens();
		}
	}
}
