//! Tenants and assets.

use ledger::asset::Asset;
use ledger::registry::Tenant;
use ledger::{AssetId, TenantId};
use wire::message::{CreateAsset, CreateTenant};

use crate::args::{AssetCommand, TenantCommand};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::session::{self, Session};
use crate::view::decided::DecidedView;
use crate::view::registry::{AssetView, TenantView};

pub(super) async fn tenant(session: &Session, command: &TenantCommand) -> Result<Exit, Fault> {
    match command {
        TenantCommand::Create { id, name } => {
            let tenant = Tenant {
                id: TenantId(*id),
                name: *name,
            };
            let decided = session
                .client
                .create_tenant(CreateTenant { tenant })
                .await?;
            let what = format!("tenant {name}");
            session.output.line(&DecidedView::of(&decided, what))?;
            Ok(Exit::of_item(decided.code))
        }
        TenantCommand::List => {
            let list = async |request| {
                let page = session.client.list_tenants(request).await?;
                Ok((page.rows, page.next))
            };
            let rows = session::all(list, u64::MAX).await?;
            let rows: Vec<TenantView> = rows.iter().map(TenantView::of).collect();
            session.output.show(&rows, TenantView::table(&rows))?;
            Ok(Exit::Success)
        }
    }
}

pub(super) async fn asset(session: &Session, command: &AssetCommand) -> Result<Exit, Fault> {
    match command {
        AssetCommand::Create {
            id,
            asset: (code, exponent),
        } => {
            let asset = Asset {
                id: AssetId(*id),
                code: *code,
                exponent: *exponent,
            };
            let decided = session.client.create_asset(CreateAsset { asset }).await?;
            let what = format!("asset {code}/{exponent}");
            session.output.line(&DecidedView::of(&decided, what))?;
            Ok(Exit::of_item(decided.code))
        }
        AssetCommand::List => {
            let assets = session.assets().await?;
            let rows: Vec<AssetView> = assets.0.iter().map(AssetView::of).collect();
            session.output.show(&rows, AssetView::table(&rows))?;
            Ok(Exit::Success)
        }
    }
}
