import java.net.InetSocketAddress;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;

/**
 * Solr in an embedded Jetty: {@code java -Dsolr.solr.home=HOME -cp LIB/* SolrServer.java HOST PORT}.
 *
 * <p>Solr has no password here, so the caller passes a loopback host.
 */
public final class SolrServer {
    private SolrServer() {}

    public static void main(String[] args) throws Exception {
        var server = new Server(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
        var context = new ServletContextHandler(server, "/solr");
        context.addEventListener(new CoreContainerProvider());
        context.addFilter(SolrDispatchFilter.class, "/*", EnumSet.of(DispatcherType.REQUEST));
        server.setStopAtShutdown(true);
        server.start();
        server.join();
    }
}
