package meshwork.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node at a time has a data folder, and what it tells there is believed only while it lives. */
class DataFolderTest {

	private static final URI URL = URI.create("http://127.0.0.1:9337/");

	@TempDir
	Path folder;

	@Test
	void itIsItsOwnersAlone() throws IOException {
		DataFolder data = folder("data");
		data.take().close();
		Path socket = data.makeSocket();
		RunningNode.here(URL, socket, "secret", Optional.empty()).write(data.nodeFile());
		assertEquals("rwx------", permissions(data.path()));
		assertEquals("rwx------", permissions(socket.getParent()));
		assertEquals("rw-------", permissions(data.nodeFile()));
	}

	@Test
	void aSecondProcessIsRefused() throws Exception {
		DataFolder data = folder("data");
		try (FileChannel taken = data.take()) {
			assertTrue(taken.isOpen());
			assertEquals(ExitCode.ALREADY_RUNNING.code(), takeElsewhere(data));
		}
		assertEquals(ExitCode.OK.code(), takeElsewhere(data));
	}

	@Test
	void aFileInItsPlaceIsRefused() throws IOException {
		var data = new DataFolder(Files.writeString(folder.resolve("file"), ""), folder);
		var refused = assertThrows(Refusal.class, data::take);
		assertEquals(ExitCode.BAD_FOLDER, refused.code());
	}

	@Test
	void aSocketsPathIsShortHoweverLongTheFoldersIs() throws IOException {
		Path socket = folder("long".repeat(40)).makeSocket();
		assertTrue(socket.toString().length() < 100, socket.toString());
		assertEquals("rwx------", permissions(socket.getParent()));
		Files.delete(socket.getParent());
	}

	@Test
	void aNodeIsFoundWithAllThatItTold() throws IOException {
		DataFolder data = folder("data");
		data.take().close();
		RunningNode node = RunningNode.here(URL, folder.resolve("s"), "secret", Optional.empty());
		node.write(data.nodeFile());
		assertEquals(Optional.of(node), data.running());
	}

	@Test
	void aNodeWhoseProcessIsGoneIsNotFound() throws Exception {
		DataFolder data = folder("data");
		data.take().close();
		Process gone = new ProcessBuilder("true").start();
		gone.waitFor();
		new RunningNode(gone.pid(), Instant.now(), URL, folder, "secret", Optional.empty(), "1").write(data.nodeFile());
		assertEquals(Optional.empty(), data.running());
	}

	@Test
	void anotherProcessWithItsNumberIsNotTakenForIt() throws IOException {
		DataFolder data = folder("data");
		data.take().close();
		Instant earlier = ProcessHandle.current().info().startInstant().orElseThrow().minusSeconds(60);
		new RunningNode(ProcessHandle.current().pid(), earlier, URL, folder, "secret", Optional.empty(), "1").write(data.nodeFile());
		assertEquals(Optional.empty(), data.running());
	}

	@Test
	void whatIsNoNodesFileIsNoNode() throws IOException {
		DataFolder data = folder("data");
		data.take().close();
		for (String content : new String[] { "", "{\"pid\":", "[]", "{\"pid\": 1}" }) {
			Files.writeString(data.nodeFile(), content);
			assertFalse(data.running().isPresent(), content);
		}
	}

	private DataFolder folder(String name) {
		return new DataFolder(folder.resolve(name), folder.resolve("conf"));
	}

	private static String permissions(Path file) throws IOException {
		return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
	}

	private static int takeElsewhere(DataFolder data) throws IOException, InterruptedException {
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
				Taker.class.getName(), data.path().toString()).inheritIO().start().waitFor();
	}

	/** Another process that wants the folder. */
	static final class Taker {
		public static void main(String[] arguments) {
			try {
				new DataFolder(Path.of(arguments[0]), Path.of(arguments[0])).take();
				System.exit(ExitCode.OK.code());
			} catch (Refusal e) {
				System.exit(e.code().code());
			}
		}
	}
}
