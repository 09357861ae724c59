//! What a policy is passed, as bytes: columns as they lie in memory, little-endian.

use ledger::fields::{DecodeError, Reader, Write};
use ledger::limits::BATCH_TRANSFERS_MAX;

use crate::contract::{AccountColumns, Context, Needs, ResourceView, TransferColumns};
use crate::limits::ROWS_MAX;

/// Columns of transfers that follow: with `transfers`, with `transfer-ids`, with
/// `transfer-details`.
const AMOUNTS: u8 = 1;
const IDS: u8 = 2;
const DETAILS: u8 = 4;

/// A call cannot be written: a text or list is too long, or columns are not of one length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unwritable;

/// Appends what a policy with these needs is passed.
///
/// # Errors
/// It cannot be written; `out` is worth nothing.
pub fn encode(
    needs: Needs,
    context: &Context<'_>,
    accounts: &AccountColumns,
    batch: &TransferColumns,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    encode_context(needs, context, out)?;
    if needs.contains(Needs::ACCOUNTS) {
        encode_accounts(accounts, out)?;
    } else {
        out.put_u32(0);
    }
    encode_transfers(needs, batch, out)
}

fn encode_context(
    needs: Needs,
    context: &Context<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let resource = &context.resource;
    for each in [
        context.operation,
        resource.kind,
        resource.id,
        resource.owner,
    ] {
        text(each, out)?;
    }
    out.push(u8::from(resource.owned));
    text(context.tenant, out)?;
    text(context.principal, out)?;
    count(context.roles.len(), out)?;
    for role in context.roles {
        text(role, out)?;
    }
    count(context.scopes.len(), out)?;
    for scope in context.scopes {
        text(scope, out)?;
    }
    count(context.attributes.len(), out)?;
    for (name, value) in context.attributes {
        text(name, out)?;
        text(value, out)?;
    }
    let only = |need: Needs, value: u64| if needs.contains(need) { value } else { 0 };
    out.put_u64(only(Needs::TIME, context.now));
    out.put_u64(only(Needs::REQUEST_ID, context.request_id_low));
    out.put_u64(only(Needs::REQUEST_ID, context.request_id_high));
    Ok(())
}

fn encode_accounts(accounts: &AccountColumns, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let rows = accounts.len();
    if !accounts.is_even() || rows > ROWS_MAX {
        return Err(Unwritable);
    }
    out.put_u32(rows as u32);
    u64s(&accounts.id_low, out);
    u64s(&accounts.id_high, out);
    u16s(&accounts.code, out);
    u32s(&accounts.asset, out);
    u16s(&accounts.state_bits, out);
    u64s(&accounts.tag_bits, out);
    Ok(())
}

fn encode_transfers(
    needs: Needs,
    batch: &TransferColumns,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let rows = if needs.any_transfers() {
        batch.len()
    } else {
        0
    };
    if rows > BATCH_TRANSFERS_MAX {
        return Err(Unwritable);
    }
    let bit = |need: Needs, bit: u8| if needs.contains(need) { bit } else { 0 };
    let filled = match rows {
        0 => 0,
        _ => {
            bit(Needs::TRANSFERS, AMOUNTS)
                | bit(Needs::TRANSFER_IDS, IDS)
                | bit(Needs::TRANSFER_DETAILS, DETAILS)
        }
    };
    out.put_u32(rows as u32);
    out.push(filled);
    let TransferColumns {
        debit,
        credit,
        amount_low,
        amount_high,
        asset,
        code,
        flag_bits,
        id_low,
        id_high,
        timeout,
        effective_at,
        user_data,
    } = batch;
    let even = |lengths: &[usize]| lengths.iter().all(|length| *length == rows);
    if filled & AMOUNTS != 0 {
        let (sides, amounts) = ([debit.len(), credit.len()], [amount_low, amount_high]);
        let kinds = [asset.len(), code.len(), flag_bits.len()];
        if !even(&sides) || !even(&amounts.map(Vec::len)) || !even(&kinds) {
            return Err(Unwritable);
        }
        u32s(debit, out);
        u32s(credit, out);
        u64s(amount_low, out);
        u64s(amount_high, out);
        u32s(asset, out);
        u16s(code, out);
        u16s(flag_bits, out);
    }
    if filled & IDS != 0 {
        if !even(&[id_low.len(), id_high.len()]) {
            return Err(Unwritable);
        }
        u64s(id_low, out);
        u64s(id_high, out);
    }
    if filled & DETAILS != 0 {
        if !even(&[timeout.len(), effective_at.len(), user_data.len()]) {
            return Err(Unwritable);
        }
        u32s(timeout, out);
        u64s(effective_at, out);
        u64s(user_data, out);
    }
    Ok(())
}

/// What a policy is passed, read. Used again and again, it keeps the room of its columns.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Call {
    operation: Box<str>,
    kind: Box<str>,
    id: Box<str>,
    owner: Box<str>,
    owned: bool,
    tenant: Box<str>,
    principal: Box<str>,
    roles: Vec<Box<str>>,
    scopes: Vec<Box<str>>,
    attributes: Vec<(Box<str>, Box<str>)>,
    now: u64,
    request_id_low: u64,
    request_id_high: u64,
    accounts: AccountColumns,
    batch: TransferColumns,
}

impl Call {
    /// Reads exactly one call in place of the one before.
    ///
    /// # Errors
    /// The bytes are not one; this is worth nothing until it is read again.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut r = Reader::new(bytes);
        self.operation = get_text(&mut r)?;
        self.kind = get_text(&mut r)?;
        self.id = get_text(&mut r)?;
        self.owner = get_text(&mut r)?;
        self.owned = match r.u8()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeError::BadField("owned")),
        };
        self.tenant = get_text(&mut r)?;
        self.principal = get_text(&mut r)?;
        self.roles = list(&mut r, get_text)?;
        self.scopes = list(&mut r, get_text)?;
        self.attributes = list(&mut r, |r| Ok((get_text(r)?, get_text(r)?)))?;
        self.now = r.u64()?;
        self.request_id_low = r.u64()?;
        self.request_id_high = r.u64()?;
        self.read_accounts(&mut r)?;
        self.read_transfers(&mut r)?;
        r.end()
    }

    fn read_accounts(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        let rows = get_rows(r, ROWS_MAX, "accounts")?;
        let accounts = &mut self.accounts;
        get_u64s(r, rows, &mut accounts.id_low)?;
        get_u64s(r, rows, &mut accounts.id_high)?;
        get_u16s(r, rows, &mut accounts.code)?;
        get_u32s(r, rows, &mut accounts.asset)?;
        get_u16s(r, rows, &mut accounts.state_bits)?;
        get_u64s(r, rows, &mut accounts.tag_bits)
    }

    fn read_transfers(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        let rows = get_rows(r, BATCH_TRANSFERS_MAX, "transfers")?;
        let filled = r.u8()?;
        // Rows without columns, and columns without rows, have another encoding.
        if filled > AMOUNTS | IDS | DETAILS || (filled == 0) != (rows == 0) {
            return Err(DecodeError::BadField("columns"));
        }
        let with = |bit: u8| if filled & bit == 0 { 0 } else { rows };
        let batch = &mut self.batch;
        get_u32s(r, with(AMOUNTS), &mut batch.debit)?;
        get_u32s(r, with(AMOUNTS), &mut batch.credit)?;
        get_u64s(r, with(AMOUNTS), &mut batch.amount_low)?;
        get_u64s(r, with(AMOUNTS), &mut batch.amount_high)?;
        get_u32s(r, with(AMOUNTS), &mut batch.asset)?;
        get_u16s(r, with(AMOUNTS), &mut batch.code)?;
        get_u16s(r, with(AMOUNTS), &mut batch.flag_bits)?;
        get_u64s(r, with(IDS), &mut batch.id_low)?;
        get_u64s(r, with(IDS), &mut batch.id_high)?;
        get_u32s(r, with(DETAILS), &mut batch.timeout)?;
        get_u64s(r, with(DETAILS), &mut batch.effective_at)?;
        get_u64s(r, with(DETAILS), &mut batch.user_data)
    }

    /// Gives what was read to whoever decides.
    pub fn pass<T>(
        &self,
        to: impl FnOnce(&Context<'_>, &AccountColumns, &TransferColumns) -> T,
    ) -> T {
        let roles: Vec<&str> = self.roles.iter().map(AsRef::as_ref).collect();
        let context = Context {
            operation: &self.operation,
            resource: ResourceView {
                kind: &self.kind,
                id: &self.id,
                owner: &self.owner,
                owned: self.owned,
            },
            tenant: &self.tenant,
            principal: &self.principal,
            roles: &roles,
            scopes: &self.scopes,
            attributes: &self.attributes,
            now: self.now,
            request_id_low: self.request_id_low,
            request_id_high: self.request_id_high,
        };
        to(&context, &self.accounts, &self.batch)
    }
}

fn count(length: usize, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    out.put_u16(u16::try_from(length).map_err(|_| Unwritable)?);
    Ok(())
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    count(text.len(), out)?;
    out.put(text.as_bytes());
    Ok(())
}

fn get_text(r: &mut Reader<'_>) -> Result<Box<str>, DecodeError> {
    let length = usize::from(r.u16()?);
    let text = std::str::from_utf8(r.take(length)?);
    Ok(text.map_err(|_| DecodeError::BadField("text"))?.into())
}

/// Memory is taken as entries are read, never for what a count claims.
fn list<T>(
    r: &mut Reader<'_>,
    entry: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = r.u16()?;
    (0..count).map(|_| entry(r)).collect()
}

fn get_rows(r: &mut Reader<'_>, most: usize, field: &'static str) -> Result<usize, DecodeError> {
    let rows = r.u32()? as usize;
    if rows > most {
        Err(DecodeError::BadField(field))
    } else {
        Ok(rows)
    }
}

/// A column at once, which compiles to a copy of memory.
macro_rules! column {
    ($($put:ident, $get:ident, $type:ident;)*) => {$(
        fn $put(column: &[$type], out: &mut Vec<u8>) {
            let start = out.len();
            out.resize(start + size_of_val(column), 0);
            let (places, _) = out[start..].as_chunks_mut();
            for (place, value) in places.iter_mut().zip(column) {
                *place = value.to_le_bytes();
            }
        }

        fn $get(
            r: &mut Reader<'_>,
            rows: usize,
            column: &mut Vec<$type>,
        ) -> Result<(), DecodeError> {
            let (places, _) = r.take(rows * size_of::<$type>())?.as_chunks();
            column.clear();
            column.extend(places.iter().map(|place| $type::from_le_bytes(*place)));
            Ok(())
        }
    )*};
}

column! {
    u16s, get_u16s, u16;
    u32s, get_u32s, u32;
    u64s, get_u64s, u64;
}
