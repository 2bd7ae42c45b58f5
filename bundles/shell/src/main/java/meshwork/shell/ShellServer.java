package meshwork.shell;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Listens at a Unix domain socket that only its owner can open, and gives each connection a gogo session of its own. */
@Component(immediate = true, service = {}, configurationPid = "meshwork.shell", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ShellServer.Config.class)
public final class ShellServer {

	@ObjectClassDefinition(name = "shell")
	@interface Config {
		@AttributeDefinition(description = "Where the socket lies: in a folder that only its owner can enter")
		String socket();
	}

	private final CommandProcessor processor;
	private final Completion completion;
	private final Path socket;
	private final ServerSocketChannel server;
	private final Set<ShellConnection> connections = ConcurrentHashMap.newKeySet();

	@Activate
	public ShellServer(@Reference CommandProcessor processor, BundleContext context, Config config) throws IOException {
		this.processor = processor;
		completion = new Completion(context);
		socket = Path.of(config.socket());
		refuseSharedFolder(socket.getParent());
		// of a node that ended without a chance to clean up; a living one holds the data folder's lock
		Files.deleteIfExists(socket);
		server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(socket));
		Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
		Thread.ofVirtual().name("shell").start(this::accept);
	}

	/** Between bind and the change of its permissions the socket is protected by its folder alone. */
	private static void refuseSharedFolder(Path folder) throws IOException {
		String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
		if (!permissions.endsWith("------"))
			throw new IOException("the shell's folder %s is open to others (%s): chmod 700 it".formatted(folder, permissions));
	}

	private void accept() {
		try {
			while (true) {
				SocketChannel channel = server.accept();
				var connection = new ShellConnection(channel, processor, completion, connections::remove);
				connections.add(connection);
				if (!server.isOpen())
					connection.close();
				Thread.ofVirtual().name("shell connection").start(connection::serve);
			}
		} catch (ClosedChannelException e) {
			// deactivated
		} catch (IOException e) {
			throw new IllegalStateException("the shell's socket %s broke".formatted(socket), e);
		}
	}

	@Deactivate
	void close() throws IOException {
		server.close();
		connections.forEach(ShellConnection::close);
		Files.deleteIfExists(socket);
	}
}
